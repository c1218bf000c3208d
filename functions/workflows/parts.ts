/**
 * The parts of a workflow's output, each judged as the output of the function that made it.
 */
import type { InputSize } from "../benchmark-function.ts";
import { firstDifference, objectOf } from "../first-difference.ts";
import { type BenchmarkFunctionName, benchmarkFunctions } from "../registry.ts";

/** Judges the part; the right parts before it are in `parts`. */
type Part = (part: unknown, parts: Parts) => string | undefined;
export type Parts = Readonly<Record<string, unknown>>;

/** What is wrong with the first wrong one of `output`'s parts; there must be exactly these. */
export function wrongPart(output: unknown, parts: Readonly<Record<string, Part>>): string | undefined {
  const given = objectOf(output);
  if (given === undefined) return "output is no object";
  const names = Object.keys(parts).toSorted();
  const difference = firstDifference(names, Object.keys(given).toSorted(), "names of output's parts");
  if (difference !== undefined) return difference;
  for (const [name, part] of Object.entries(parts)) {
    const wrong = part(given[name], given);
    if (wrong !== undefined) return `${name}: ${wrong}`;
  }
  return undefined;
}

/** A part that a function answered to `payload`. */
export const answerOf =
  (name: BenchmarkFunctionName, payload: (parts: Parts) => object, size: InputSize = "test"): Part =>
  (part, parts) =>
    benchmarkFunctions[name].check(size, payload(parts), part);

/** A part that must be equal to `expected`. */
export const equalTo =
  (expected: (parts: Parts) => unknown): Part =>
  (part, parts) =>
    firstDifference(expected(parts), part);

/** A number deep in the right parts. */
export function numberIn(parts: Parts, ...path: readonly (string | number)[]): number {
  const found = path.reduce<unknown>(
    (value, key) => (Array.isArray(value) ? (value as unknown[])[Number(key)] : objectOf(value)?.[key]),
    parts,
  );
  return typeof found === "number" ? found : NaN;
}
