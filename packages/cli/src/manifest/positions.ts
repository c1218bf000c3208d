/**
 * Where in a YAML text the value or key of a path stands, and which keys a schema knows there.
 */
import { type Document, isMap, isNode, isPair, isScalar, isSeq, type LineCounter } from "yaml";
import { z } from "zod";

export type Path = readonly PropertyKey[];

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The position of the key at the end of `path`, or of its nearest ancestor that the text has. */
export function positionOf(document: Document, lines: LineCounter, path: Path): Position {
  let node: unknown = document.contents;
  let offset = offsetOf(node) ?? 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (!isPair(pair)) break;
      offset = offsetOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === "number") {
      node = node.items[step];
      offset = offsetOf(node) ?? offset;
    } else break;
  }
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

const offsetOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);

/** The keys that `schema` knows for the object at `path`; empty where anything goes. */
export function knownKeys(schema: z.ZodType, path: Path): readonly string[] {
  const here = bare(schema);
  const [step, ...rest] = path;
  if (step === undefined) return here instanceof z.ZodObject ? Object.keys(here.shape) : [];
  if (here instanceof z.ZodObject) return descend(here.shape[String(step)], rest);
  if (here instanceof z.ZodRecord) return descend(here.valueType, rest);
  return here instanceof z.ZodArray ? descend(here.element, rest) : [];
}

const descend = (schema: unknown, path: Path): readonly string[] =>
  schema instanceof z.ZodType ? knownKeys(schema, path) : [];

const bare = (schema: z.ZodType): unknown => (schema instanceof z.ZodOptional ? schema.unwrap() : schema);
