/**
 * Validates data by the schemas of a definition, where the shell can.
 */
import { member, textIn } from "../data/json-value.ts";
import type { Json } from "../json.ts";
import { standardFault } from "../raised-fault.ts";
import type { Run } from "../run/run.ts";

/** A fault where `value` is not as the schema of `declared` (an input, output or export) wants it. */
export function checkSchema(run: Run, declared: Json | undefined, value: Json, what: string): void {
  const schema = member(declared, "schema");
  const { schemas } = run.engine.options;
  if (schema === undefined || schemas === undefined) return;
  const document = member(schema, "document");
  const format = textIn(schema, "format") ?? "json";
  if (document === undefined || !/^json(?::|$)/.test(format))
    throw standardFault(
      "configuration",
      `The schema of ${what} cannot be used: give a JSON schema inline, as schema.document`,
    );
  const problem = schemas.problemOf(document, value);
  if (problem !== undefined)
    throw standardFault("validation", `${what} is not as its schema says: ${problem}`);
}
