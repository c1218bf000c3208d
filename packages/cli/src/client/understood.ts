/**
 * A platform's answer as a schema has it, or one error that says what is not as expected.
 */
import { FrugalError } from "@frugal/core";
import type { z } from "zod";

/** `path` is what was asked for. */
export function understood<T>(schema: z.ZodType<T>, value: unknown, path: string): T {
  const outcome = schema.safeParse(value);
  if (outcome.success) return outcome.data;
  const [first] = outcome.error.issues;
  const problem = first === undefined ? "" : `${first.path.map(String).join(".")}: ${first.message}`;
  throw new FrugalError(
    "internal",
    `The platform's answer to ${path} is not understood (${problem})\nIs it of another version than this command line?`,
    { details: { path, problem } },
  );
}
