import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { FrugalError, messageOf } from "@frugal/core";
import { connectionFlags, type ConnectionWish, withClient } from "../../client/connection.ts";
import { command, type CommandContext } from "../../command.ts";
import { required, text } from "../../flags.ts";
import { counted } from "../../terminal/format.ts";
import type { GraphPicture } from "../../workflows/graph-picture.ts";
import { givenWorkflow } from "../../workflows/names.ts";
import { pictureOfGraph, pictureOfWorkflow } from "../../workflows/picture-of.ts";

const workflowFile = /\.(ya?ml|json)$/i;

export const graphWorkflow = command({
  name: "graph",
  summary: "draw a workflow's stages",
  description:
    "Writes an SVG picture of the stages and of which follows on which; the path that takes longest stands out. Of a deployed workflow it tells the mean latency of each stage and its budget; of a file it draws the definition, and no platform is asked.",
  flags: { out: text("FILE", "where to write the picture"), ...connectionFlags },
  arguments: { of: required(text("NAME", "a workflow's name, or its file (.yaml, .yml, .json)")) },
  examples: [
    { line: "frugal workflow graph order --out order.svg", meaning: "a deployed workflow" },
    { line: "frugal workflow graph order.yaml --out order.svg", meaning: "a file" },
    { line: "frugal workflow graph order > order.svg", meaning: "to stdout" },
  ],
  run: async ({ of, out, ...input }, context) => {
    const picture = workflowFile.test(of) ? await ofFile(of, context) : await ofWorkflow(of, input, context);
    // Loaded when it is needed: the layout of graphs is a large piece of code.
    const { graphSvg } = await import("../../workflows/graph-picture.ts");
    const svg = graphSvg(picture);
    const { title, stages, edges, criticalPath } = picture;
    if (out === undefined)
      return { kind: "answer", document: { title, stages, edges, criticalPath, svg }, text: svg };
    const file = resolve(context.workingDirectory, out);
    await writeFile(file, svg).catch((cause: unknown) => {
      throw new FrugalError("invalid-request", `--out: ${file} cannot be written: ${messageOf(cause)}`, {
        cause,
      });
    });
    return {
      kind: "answer",
      document: { title, stages, edges, criticalPath, file },
      text: `wrote ${file}: ${counted(stages.length, "stage")}\n`,
    };
  },
});

async function ofFile(of: string, { workingDirectory }: CommandContext): Promise<GraphPicture> {
  const [{ readWorkflowFile }, { parseWorkflow }, { workflowGraph }] = await Promise.all([
    import("../../workflows/workflow-file.ts"),
    import("@frugal/daemon"),
    import("@frugal/control"),
  ]);
  const { text } = await readWorkflowFile(resolve(workingDirectory, of), workingDirectory);
  const { name, definition } = await parseWorkflow(text);
  return pictureOfGraph(name, workflowGraph(definition));
}

function ofWorkflow(of: string, wish: ConnectionWish, context: CommandContext): Promise<GraphPicture> {
  const name = givenWorkflow(of);
  return withClient(wish, context, async ({ workflows }) => {
    const details = await workflows.details(name);
    const plan = details.deadlineSeconds === null ? undefined : await workflows.plan(name);
    return pictureOfWorkflow(details, plan);
  });
}
