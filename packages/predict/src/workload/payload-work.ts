/**
 * What a payload means for the work: its size, by whatever a function's owner says that it grows with, and the hyperparameters
 * that make it other work. Source: kypous, section 5.1.1, whose tables are by function and hyperparameters.
 *
 * A size that is missing is that of the whole payload in bytes, and has a variant of its own: bytes and what they stand in for
 * cannot be compared. Payloads are parsed where something is declared, and up to a size: parsing a few megabytes takes a good part
 * of the time in which everything else on a platform waits.
 */
import { type Bytes, mebibytes, type PayloadSize, payloadSize } from "@frugal/core";

/** Where in a JSON document the work shows; paths are keys with dots between. */
export interface WorkPaths {
  /** Undefined: the payload's bytes tell. */
  readonly size: string | undefined;
  readonly hyperparameters: readonly string[];
}

export interface PayloadWork {
  readonly size: PayloadSize;
  /** The hyperparameters with their values, and what the size is of where it is not what was declared; empty where none is there. */
  readonly variant: string;
}

/** What is larger counts by its bytes. */
const LARGEST_PARSED = mebibytes(1);
/** Of a value's text; the rest says too little to be worth a place in every key. */
const LONGEST_VALUE = 64;
/** Cannot be a hyperparameter's: texts are quoted. */
const IN_BYTES = "size=bytes";

/** `paths` is undefined where nothing is declared; `read` gives the payload's text, and is called where that matters. */
export function workOf(paths: WorkPaths | undefined, length: Bytes, read: () => string): PayloadWork {
  if (paths === undefined) return { size: length, variant: "" };
  const document = length > LARGEST_PARSED ? undefined : documentOf(read());
  const size = paths.size === undefined ? undefined : sizeOf(valueAt(document, paths.size));
  const parts = paths.hyperparameters.flatMap((path) => {
    const value = valueAt(document, path);
    return value === undefined ? [] : `${path}=${JSON.stringify(value).slice(0, LONGEST_VALUE)}`;
  });
  if (paths.size !== undefined && size === undefined) parts.push(IN_BYTES);
  return { size: size ?? length, variant: parts.join("&") };
}

/** Undefined where it is no JSON. */
function documentOf(text: string): unknown {
  try {
    const document: unknown = JSON.parse(text);
    return document;
  } catch {
    return undefined;
  }
}

function valueAt(document: unknown, path: string): unknown {
  let value = document;
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

/** Undefined where the value says nothing of a size. */
function sizeOf(value: unknown): PayloadSize | undefined {
  if (typeof value === "number") return value >= 0 && value < Infinity ? payloadSize(value) : undefined;
  if (typeof value === "string" || Array.isArray(value)) return payloadSize(value.length);
  return typeof value === "object" && value !== null ? payloadSize(Object.keys(value).length) : undefined;
}
