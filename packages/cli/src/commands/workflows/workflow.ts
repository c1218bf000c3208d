/**
 * `frugal workflow`: functions that work together, and what must be done by when.
 */
import type { CommandGroup } from "../../command.ts";
import { cancelRun } from "./cancel.ts";
import { deleteWorkflow } from "./delete.ts";
import { deployWorkflow } from "./deploy.ts";
import { describeWorkflow } from "./describe.ts";
import { graphWorkflow } from "./graph.ts";
import { listWorkflows } from "./list.ts";
import { runWorkflow } from "./run.ts";

export const workflow: CommandGroup = {
  kind: "group",
  name: "workflow",
  summary: "deploy, run and inspect workflows of functions",
  description:
    "A workflow says in which order functions run and how data goes between them, in the Serverless Workflow DSL 1.0. Where it has a deadline, the platform runs each stage at the lowest clocks that keep it. A NAME without a namespace is in the namespace default.",
  commands: [
    deployWorkflow,
    runWorkflow,
    listWorkflows,
    describeWorkflow,
    cancelRun,
    graphWorkflow,
    deleteWorkflow,
  ],
  examples: [
    { line: "frugal workflow deploy order.yaml", meaning: "what it is" },
    { line: `frugal workflow run order --input '{"id": 7}'`, meaning: "runs it, and shows how it went" },
  ],
};
