/**
 * Keeps what tasks hand on within bounds.
 */
import { excessOf } from "../data/data-bounds.ts";
import type { Json } from "../json.ts";
import { standardFault } from "../raised-fault.ts";
import type { Run } from "../run/run.ts";

/** `value`; a fault where it is more than one task may hand to another. */
export function bounded(run: Run, value: Json, what: string): Json {
  const excess = excessOf(value, run.engine.limits);
  if (excess === undefined) return value;
  throw standardFault("runtime", `${what} is too large to be handed on: ${excess}. Keep only what is needed`);
}
