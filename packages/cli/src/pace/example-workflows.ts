/**
 * Graphs of workflows from their files; of those that come with Frugal where none is named.
 */
import { join, resolve } from "node:path";
import { workflowGraph } from "@frugal/control";
import { parseWorkflow } from "@frugal/daemon";
import { benchmarkWorkflows } from "@frugal/functions";
import { checkoutFolder } from "../checkout.ts";
import { readWorkflowFile } from "../workflows/workflow-file.ts";
import type { NamedGraph } from "./tune-workflows.ts";

export async function workflowsToTune(
  files: readonly string[],
  workingDirectory: string,
): Promise<readonly NamedGraph[]> {
  const folder = join(checkoutFolder, "functions", "workflows");
  const paths =
    files.length > 0
      ? files.map((file) => resolve(workingDirectory, file))
      : Object.values(benchmarkWorkflows).map(({ file }) => join(folder, file));
  return Promise.all(
    paths.map(async (path) => {
      const { text } = await readWorkflowFile(path, workingDirectory);
      const { name, definition } = await parseWorkflow(text);
      return { name, graph: workflowGraph(definition) };
    }),
  );
}
