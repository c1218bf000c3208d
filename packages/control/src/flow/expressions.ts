/**
 * The runtime expressions of a workflow. The engine finds them; a well-kept jq evaluates them.
 */
import type { Json } from "./json.ts";

export type ExpressionResult =
  /** The first value that the expression yields; null where it yields none. */
  { readonly kind: "value"; readonly value: Json } | { readonly kind: "fault"; readonly reason: string };

export interface Expressions {
  /** Evaluates the jq program `program` on `input`, with `variables` by name (without the dollar sign). Never throws. */
  evaluate(program: string, input: Json, variables: Readonly<Record<string, Json>>): ExpressionResult;
}
