import { resolve } from "node:path";
import { FrugalError, type WorkflowName } from "@frugal/core";
import { connectionFlags, withClient } from "../../client/connection.ts";
import type { RunView } from "../../client/workflow-schemas.ts";
import { type Answer, command, type CommandContext } from "../../command.ts";
import { amount, text, toggle } from "../../flags.ts";
import { jsonOfFile, jsonOfFlag } from "../../invoke/json-input.ts";
import { showWaiting } from "../../terminal/waiting.ts";
import { deployWorkflows } from "../../workflows/deploy-workflows.ts";
import { givenWorkflow } from "../../workflows/names.ts";
import { runText } from "../../workflows/run-report.ts";
import type { WorkflowFile } from "../../workflows/workflow-file.ts";

const DEFAULT_WAIT_SECONDS = 60;

export const runWorkflow = command({
  name: "run",
  summary: "run a workflow and show how each stage went",
  description:
    "Waits for the run's end, then shows its output and for each stage its latency, budget, slack, clocks, joules and how its function was started. Ends with 1 when the run did not complete in the time that is waited; it goes on all the same.",
  flags: {
    input: text("JSON", "the run's input (default: {})"),
    inputFile: text("FILE", "read the input from a file"),
    file: text("FILE", "deploy this workflow first, and run it"),
    wait: amount("SECONDS", `how long to wait for the end (default: ${DEFAULT_WAIT_SECONDS})`, {
      minimum: 0,
      maximum: 900,
    }),
    async: toggle("do not wait: print the run's id"),
    ...connectionFlags,
  },
  arguments: { name: text("NAME", "the workflow: NAMESPACE/NAME, or NAME in the namespace default") },
  optional: ["name"],
  examples: [
    { line: `frugal workflow run order --input '{"id": 7}'`, meaning: "with an input" },
    { line: "frugal workflow run --file order.yaml --json", meaning: "deploys it first; the answer as JSON" },
    { line: "frugal workflow run shop/report --async", meaning: "prints the run's id" },
  ],
  run: async (given, context): Promise<Answer> => {
    if (given.async && given.wait !== undefined)
      throw new FrugalError("invalid-request", "--wait does not go with --async");
    const body = await readInput(given, context);
    const file = given.file === undefined ? undefined : await readFile(given.file, context);
    const name = nameOf(given.name, file);
    const waitSeconds = given.async ? 0 : (given.wait ?? DEFAULT_WAIT_SECONDS);
    const run = await withClient(given, context, async ({ workflows }) => {
      if (file !== undefined) await deployWorkflows([file], workflows);
      const stop = given.async ? undefined : showWaiting(context.terminal, `running ${name}`);
      try {
        return await workflows.start(name, body, waitSeconds);
      } finally {
        stop?.();
      }
    });
    return answerOf(run, given.async, context);
  },
});

interface InputWish {
  readonly input: string | undefined;
  readonly inputFile: string | undefined;
}

async function readInput({ input, inputFile }: InputWish, context: CommandContext): Promise<Uint8Array> {
  if (input !== undefined && inputFile !== undefined)
    throw new FrugalError("invalid-request", "Give one of --input and --input-file");
  if (input !== undefined) return jsonOfFlag(input, "--input");
  if (inputFile === undefined) return Buffer.from("{}");
  return jsonOfFile(resolve(context.workingDirectory, inputFile), "--input-file");
}

async function readFile(file: string, { workingDirectory }: CommandContext): Promise<WorkflowFile> {
  const { readWorkflowFile } = await import("../../workflows/workflow-file.ts");
  return readWorkflowFile(resolve(workingDirectory, file), workingDirectory);
}

function nameOf(given: string | undefined, file: WorkflowFile | undefined): WorkflowName {
  const name = given === undefined ? undefined : givenWorkflow(given);
  if (file !== undefined && name !== undefined && name !== file.name) {
    throw new FrugalError(
      "invalid-request",
      `The file has the workflow ${file.name}, not ${name}\nLeave the name out, or --file`,
    );
  }
  const chosen = name ?? file?.name;
  if (chosen === undefined)
    throw new FrugalError(
      "invalid-request",
      "Name a workflow, or its file with --file\nSee them: frugal workflow list",
    );
  return chosen;
}

function answerOf(run: RunView, isAsync: boolean, { terminal }: CommandContext): Answer {
  if (isAsync) return { kind: "answer", document: run, text: `${run.id}\n` };
  const later =
    run.status === "running" ? `\nIt goes on. See it later: frugal workflow describe ${run.id}\n` : "";
  return {
    kind: "answer",
    document: run,
    text: runText(run, terminal.width) + later,
    exitCode: run.status === "completed" ? 0 : 1,
  };
}
