import { FrugalError, joules, seconds } from "@frugal/core";
import { connectionFlags, withClient } from "../../client/connection.ts";
import type { WorkflowClient } from "../../client/workflow-client.ts";
import { runStatuses } from "../../client/workflow-schemas.ts";
import { type Answer, command } from "../../command.ts";
import { amount, choice, text, toggle, withDefault } from "../../flags.ts";
import { formatJoules, formatSeconds } from "../../terminal/format.ts";
import { renderTable } from "../../terminal/table.ts";
import { deadlineText, statusText } from "../../workflows/run-report.ts";
import { givenWorkflow } from "../../workflows/names.ts";

const workflowColumns = [
  { title: "WORKFLOW", shrinks: true },
  { title: "VERSION" },
  { title: "DEADLINE", align: "right" },
  { title: "QUANTILE", align: "right", goes: 2 },
  { title: "DURABLE", goes: 1 },
  { title: "RUNNING", align: "right" },
  { title: "COMPLETED", align: "right" },
  { title: "FAULTED", align: "right" },
  { title: "CANCELLED", align: "right", goes: 4 },
  { title: "CHANGED", goes: 3 },
] as const;

const runColumns = [
  { title: "RUN" },
  { title: "WORKFLOW", shrinks: true },
  { title: "STARTED", goes: 1 },
  { title: "STATUS" },
  { title: "DEADLINE", goes: 3 },
  { title: "ENERGY", align: "right", goes: 2 },
] as const;

export const listWorkflows = command({
  name: "list",
  summary: "list the workflows, or their runs",
  description:
    "One line for each deployed workflow: its deadline and how many of its runs there are in each state. With --runs one line for each run, newest first.",
  flags: {
    runs: toggle("list runs instead"),
    workflow: text("NAME", "with --runs: of this workflow"),
    status: choice("STATUS", "with --runs: in this state", runStatuses),
    limit: withDefault(
      amount("N", "with --runs: how many at most", { minimum: 1, maximum: 1000, whole: true }),
      50,
    ),
    ...connectionFlags,
  },
  arguments: {},
  examples: [
    { line: "frugal workflow list", meaning: "all workflows" },
    { line: "frugal workflow list --runs --status faulted", meaning: "runs that went wrong" },
  ],
  run: ({ runs, workflow, status, limit, ...input }, context) => {
    if (!runs && (workflow ?? status) !== undefined)
      throw new FrugalError("invalid-request", "--workflow and --status go with --runs");
    const of = workflow === undefined ? undefined : givenWorkflow(workflow);
    const { width } = context.terminal;
    return withClient(input, context, ({ workflows }) =>
      runs
        ? runsAnswer(workflows, { workflow: of, status, limit }, width)
        : workflowsAnswer(workflows, width),
    );
  },
});

async function workflowsAnswer(client: WorkflowClient, width: number): Promise<Answer> {
  const workflows = await client.all();
  const rows = workflows.map((one) => [
    `${one.namespace}/${one.name}`,
    one.version,
    one.deadlineSeconds === null ? "-" : formatSeconds(seconds(one.deadlineSeconds)),
    one.quantile === null ? "-" : String(one.quantile),
    one.durable ? "yes" : "no",
    String(one.runs.running),
    String(one.runs.completed),
    String(one.runs.faulted),
    String(one.runs.cancelled),
    shownTime(one.updatedAt),
  ]);
  const text =
    workflows.length === 0
      ? "No workflow is deployed. Deploy one: frugal workflow deploy FILE\n"
      : renderTable(workflowColumns, rows, width);
  return { kind: "answer", document: { workflows }, text };
}

async function runsAnswer(
  client: WorkflowClient,
  request: Parameters<WorkflowClient["runs"]>[0],
  width: number,
): Promise<Answer> {
  const runs = await client.runs(request);
  const rows = runs.map((run) => [
    run.id,
    run.workflow,
    shownTime(run.startedAt),
    statusText(run),
    deadlineText(run),
    run.joules === null ? "-" : formatJoules(joules(run.joules)),
  ]);
  const text =
    runs.length === 0
      ? "There is no such run. Start one: frugal workflow run NAME\n"
      : renderTable(runColumns, rows, width);
  return { kind: "answer", document: { runs }, text };
}

const shownTime = (time: string): string => time.replace("T", " ").replace(/\.\d+Z$/, "Z");
