import { resolve } from "node:path";
import { bytes } from "@frugal/core";
import { connectionFlags, withClient } from "../../client/connection.ts";
import { command } from "../../command.ts";
import type { Wishes } from "../../deploy/bare-folder.ts";
import { amount, list, text } from "../../flags.ts";
import { manifestLimits } from "../../manifest/limits.ts";
import { counted, formatBytes } from "../../terminal/format.ts";

export const deploy = command({
  name: "deploy",
  summary: "deploy the functions and workflows of a folder",
  description:
    "PATH is a folder with a frugal.yaml, the frugal.yaml itself, or a folder that is one function (index.mjs, handler.py, bootstrap). Deploying again replaces the function; running invocations finish on the old one. Workflows that the manifest lists are deployed after the functions.",
  flags: {
    only: list("NAME", "deploy this function of the manifest; may be given several times"),
    name: text("NAME", "without a manifest: the function's name (default: the folder's)"),
    runtime: text("RUNTIME", "without a manifest: nodejs, python3, provided, or AWS Lambda's name of one"),
    handler: text("HANDLER", "without a manifest: module and function, such as index.handler"),
    memory: amount("MIB", "without a manifest: memory of one instance", {
      ...manifestLimits.memoryMiB,
      whole: true,
    }),
    timeout: amount("SECONDS", "without a manifest: longest execution", manifestLimits.timeoutSeconds),
    ...connectionFlags,
  },
  arguments: { path: text("PATH", "folder or frugal.yaml (default: the current folder)") },
  optional: ["path"],
  examples: [
    { line: "frugal deploy functions/", meaning: "every function of functions/frugal.yaml" },
    { line: "frugal deploy ./hello --memory 512", meaning: "a folder with an index.mjs" },
    { line: "frugal deploy --only resize", meaning: "one function of ./frugal.yaml" },
  ],
  run: async ({ path = ".", only, ...input }, context) => {
    const { findDeployables } = await import("../../deploy/find-deployables.ts");
    const { packAll, sendAll } = await import("../../deploy/deploy-all.ts");
    const { readWorkflowFile } = await import("../../workflows/workflow-file.ts");
    const { deployedText, deployWorkflows } = await import("../../workflows/deploy-workflows.ts");
    const { workingDirectory } = context;
    const found = await findDeployables({
      path: resolve(workingDirectory, path),
      workingDirectory,
      wishes: wishesOf(input),
      only,
    });
    const files = await Promise.all(found.workflows.map((file) => readWorkflowFile(file, workingDirectory)));
    const packed = await packAll(found.functions, context.terminal);
    const { done, workflows } = await withClient(input, context, async (client) => ({
      done: await sendAll(packed, client, context.terminal),
      workflows: await deployWorkflows(files, client.workflows),
    }));
    const lines = done.map(({ name, revision, files, zippedBytes }) => {
      const size = formatBytes(bytes(zippedBytes));
      return `deployed ${name}  revision ${revision}, ${counted(files, "file")}, ${size}\n`;
    });
    return {
      kind: "answer",
      document: { functions: done, ...(files.length > 0 && { workflows }) },
      text: lines.join("") + deployedText(workflows),
    };
  },
});

interface WishFlags {
  readonly name: string | undefined;
  readonly runtime: string | undefined;
  readonly handler: string | undefined;
  readonly memory: number | undefined;
  readonly timeout: number | undefined;
}

const wishesOf = ({ name, runtime, handler, memory, timeout }: WishFlags): Wishes => ({
  ...(name !== undefined && { name }),
  ...(runtime !== undefined && { runtime }),
  ...(handler !== undefined && { handler }),
  ...(memory !== undefined && { memoryMiB: memory }),
  ...(timeout !== undefined && { timeoutSeconds: timeout }),
});
