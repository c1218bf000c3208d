import { resolve } from "node:path";
import { FrugalError } from "@frugal/core";
import { connectionFlags, withClient } from "../../client/connection.ts";
import { command } from "../../command.ts";
import { list } from "../../flags.ts";

export const deployWorkflow = command({
  name: "deploy",
  summary: "deploy workflows from their files",
  description:
    "Each FILE is one workflow of the Serverless Workflow DSL 1.0, as YAML or JSON. Deploying again replaces the workflow; running runs finish on the old one. Its metadata may say a deadline (seconds, or PT2S) and the quantile of runs that must meet it.",
  flags: connectionFlags,
  arguments: { files: list("FILE", "workflow files") },
  examples: [
    { line: "frugal workflow deploy order.yaml", meaning: "one workflow" },
    {
      line: "frugal workflow deploy workflows/*.yaml",
      meaning: "several; none is sent if one cannot be read",
    },
  ],
  run: async ({ files, ...input }, context) => {
    if (files.length === 0)
      throw new FrugalError("invalid-request", "Name a file at least: frugal workflow deploy FILE");
    const { readWorkflowFile } = await import("../../workflows/workflow-file.ts");
    const { deployedText, deployWorkflows } = await import("../../workflows/deploy-workflows.ts");
    const { workingDirectory } = context;
    const read = await Promise.all(
      files.map((file) => readWorkflowFile(resolve(workingDirectory, file), workingDirectory)),
    );
    const workflows = await withClient(input, context, (client) => deployWorkflows(read, client.workflows));
    return { kind: "answer", document: { workflows }, text: deployedText(workflows) };
  },
});
