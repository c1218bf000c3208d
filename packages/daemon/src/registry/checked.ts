/**
 * Checking what comes from outside against a zod schema: all problems in one error, each with its place (I8).
 */
import { FrugalError } from "@frugal/core";
import { z } from "zod";

/** An object whose unknown keys are errors that name the known ones. */
export const closedObject = <S extends z.ZodRawShape>(shape: S) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `unknown: ${issue.keys.join(", ")}; known: ${Object.keys(shape).join(", ")}`
        : undefined,
  });

/** `value` as `schema` reads it; FrugalError invalid-request with every problem where it does not. `subject` says what was read. */
export function checked<T>(schema: z.ZodType<T>, value: unknown, subject: string): T {
  const outcome = schema.safeParse(value);
  if (outcome.success) return outcome.data;
  throw invalid(subject, outcome.error.issues.map(problemOf));
}

/** The error for `problems` found in `subject`. */
export const invalid = (subject: string, problems: readonly string[]): FrugalError =>
  new FrugalError("invalid-request", `${subject} cannot be used: ${problems.join("; ")}`, {
    details: { problems },
  });

function problemOf(issue: z.core.$ZodIssue): string {
  const place = issue.path.map(String).join(".");
  return place === "" ? issue.message : `${place}: ${issue.message}`;
}
