/**
 * A workflow's file: read, and understood as far as its name; the platform checks the rest.
 */
import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { FrugalError, messageOf, parseWorkflowName, type WorkflowName } from "@frugal/core";
import { LineCounter, parseDocument } from "yaml";
import { z } from "zod";

export interface WorkflowFile {
  /** Absolute. */
  readonly path: string;
  /** The same as messages name it. */
  readonly shown: string;
  readonly name: WorkflowName;
  /** As it is written, YAML or JSON. */
  readonly text: string;
  /** The same as data. */
  readonly definition: unknown;
}

const namesSchema = z.looseObject({
  document: z.looseObject({ namespace: z.string(), name: z.string() }),
});

/** `path` is absolute; messages name it as seen from `workingDirectory`. Throws `invalid-request` and `invalid-workflow`. */
export async function readWorkflowFile(path: string, workingDirectory: string): Promise<WorkflowFile> {
  const fromHere = relative(workingDirectory, path);
  const shown = fromHere === "" || fromHere.startsWith("..") ? path : fromHere;
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new FrugalError("invalid-request", `${shown} cannot be read: ${messageOf(cause)}`, { cause });
  });
  const definition = parsed(text, shown);
  const outcome = namesSchema.safeParse(definition);
  const { namespace, name } = outcome.data?.document ?? {};
  if (namespace === undefined || name === undefined) {
    throw refused(
      shown,
      "is no workflow: it has no document with a namespace and a name\nWrite it as https://github.com/serverlessworkflow/specification says",
    );
  }
  const full = parseWorkflowName(`${namespace}/${name}`);
  if (full !== undefined) return { path, shown, name: full, text, definition };
  throw refused(
    shown,
    `names the workflow ${JSON.stringify(`${namespace}/${name}`)}; names are of small letters, digits and "-"`,
  );
}

function parsed(text: string, shown: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [first] = document.errors;
  if (first !== undefined) {
    const { line, col } = lines.linePos(first.pos[0]);
    throw refused(`${shown}:${line}:${col}`, `is not YAML: ${first.message}`);
  }
  try {
    return document.toJS();
  } catch (error) {
    // Aliases without anchors, or so many that they would fill the memory.
    throw refused(shown, `is not YAML: ${messageOf(error)}`);
  }
}

const refused = (file: string, problem: string): FrugalError =>
  new FrugalError("invalid-workflow", `${file} ${problem}`, { details: { file } });
