/**
 * The data schemas of workflows (`input.schema`, `output.schema`): JSON Schema as far as zod reads it.
 */
import type { Json } from "@frugal/control";
import { messageOf } from "@frugal/core";
import { z } from "zod";

export const dataSchemas = {
  /** What is wrong with `value` by `schema`; also where the schema itself cannot be read. Undefined where nothing is. */
  problemOf(schema: Json, value: Json): string | undefined {
    let reader: z.ZodType;
    try {
      reader = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
    } catch (error) {
      return `the schema cannot be used here: ${messageOf(error)}`;
    }
    const outcome = reader.safeParse(value);
    if (outcome.success) return undefined;
    return outcome.error.issues
      .map(({ path, message }) => `/${path.map(String).join("/")}: ${message}`)
      .join("; ");
  },
};
