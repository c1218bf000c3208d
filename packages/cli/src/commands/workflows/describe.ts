import { seconds } from "@frugal/core";
import { connectionFlags, withClient } from "../../client/connection.ts";
import type { WorkflowDetailsView } from "../../client/workflow-schemas.ts";
import { command } from "../../command.ts";
import { required, text } from "../../flags.ts";
import { formatSeconds } from "../../terminal/format.ts";
import { alignedPairs, printable, renderTable } from "../../terminal/table.ts";
import { givenWorkflow, parseRunId } from "../../workflows/names.ts";
import { runText } from "../../workflows/run-report.ts";

const stageColumns = [
  { title: "STAGE", shrinks: true },
  { title: "FUNCTION", shrinks: true },
  { title: "REPEATS", align: "right" },
  { title: "VISITS", align: "right" },
  { title: "MEAN LATENCY", align: "right" },
] as const;

export const describeWorkflow = command({
  name: "describe",
  summary: "show a workflow, or how a run went",
  description:
    "Of a workflow its settings, its stages and how long they took on average; of a run, given by its id, its output and how each stage went.",
  flags: connectionFlags,
  arguments: { of: required(text("NAME", "a workflow's name, or a run's id")) },
  examples: [
    { line: "frugal workflow describe shop/order", meaning: "a workflow" },
    { line: "frugal workflow describe 0a5a2b5e-6b43-4d7c-9f0e-8c3a1f0b9d11", meaning: "a run" },
  ],
  run: ({ of, ...input }, context) => {
    const id = parseRunId(of);
    const { width } = context.terminal;
    if (id !== undefined) {
      return withClient(input, context, async ({ workflows }) => {
        const run = await workflows.run(id);
        return { kind: "answer", document: run, text: runText(run, width) };
      });
    }
    const name = givenWorkflow(of);
    return withClient(input, context, async ({ workflows }) => {
      const details = await workflows.details(name);
      return { kind: "answer", document: details, text: workflowText(details, width) };
    });
  },
});

function workflowText(details: WorkflowDetailsView, width: number): string {
  const { deadlineSeconds, quantile, runs, history } = details;
  const share = quantile === null ? "" : ` for ${Number((quantile * 100).toFixed(2))} % of the runs`;
  const facts = [
    ["workflow", `${details.namespace}/${details.name}`],
    ...(details.title === null ? [] : [["title", printable(details.title)] as const]),
    ["version", `${details.version}, deployed ${details.updatedAt}`],
    ["deadline", deadlineSeconds === null ? "none" : `${formatSeconds(seconds(deadlineSeconds))}${share}`],
    ["durable", details.durable ? "yes" : "no"],
    [
      "runs",
      `${runs.running} running, ${runs.completed} completed, ${runs.faulted} faulted, ${runs.cancelled} cancelled`,
    ],
  ] as const;
  const means = new Map(history.stages.map(({ task, meanLatencySeconds }) => [task, meanLatencySeconds]));
  const rows = details.graph.stages.map((stage) => {
    const mean = means.get(stage.name);
    return [
      stage.name,
      stage.function ?? "-",
      String(stage.repeats),
      String(Number(stage.visits.toFixed(2))),
      typeof mean === "number" ? formatSeconds(seconds(mean)) : "-",
    ];
  });
  return `${alignedPairs(facts)}\n${renderTable(stageColumns, rows, width)}`;
}
