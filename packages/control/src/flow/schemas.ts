/**
 * The data schemas of a workflow. Without this port the engine validates nothing.
 */
import type { Json } from "./json.ts";

export interface Schemas {
  /** What is wrong with `value` by the JSON schema `schema`; undefined where nothing is. Never throws. */
  problemOf(schema: Json, value: Json): string | undefined;
}
