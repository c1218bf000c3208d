/**
 * Which events a listening task takes.
 *
 * An attribute must be what the filter says: an expression is evaluated on the attribute's value, and either holds or yields
 * the value to have; text is compared as it is, not as a pattern; of objects, what the filter names must fit. An expression
 * that fails on a stranger's event means that the event does not fit.
 */
import { soleProgram } from "../../data/expression-text.ts";
import { isObject, type JsonObject, member, sameJson, textIn } from "../../data/json-value.ts";
import type { Json } from "../../json.ts";
import { RaisedFault } from "../../raised-fault.ts";
import type { CloudEvent } from "../../step.ts";
import type { Execution } from "../../perform/execution.ts";

export const fitsFilter = (execution: Execution, filter: Json, event: CloudEvent): boolean =>
  fits(execution, member(filter, "with") ?? {}, event);

/**
 * The correlation values of `event`, by name, where they are as `filter` expects or as the events before had them (`known`);
 * undefined where one is not.
 */
export function correlationsOf(
  execution: Execution,
  filter: Json,
  event: CloudEvent,
  known: ReadonlyMap<string, Json>,
): JsonObject | undefined {
  const found: Record<string, Json> = {};
  const declared = member(filter, "correlate");
  for (const [name, correlation] of Object.entries(isObject(declared) ? declared : {})) {
    const value = valueOn(execution, textIn(correlation, "from") ?? ".", event);
    if (value === undefined || value === null) return undefined;
    const expected = expectation(execution, textIn(correlation, "expect")) ?? known.get(name) ?? value;
    if (!sameJson(value, expected) && JSON.stringify(value) !== expected) return undefined;
    found[name] = value;
  }
  return found;
}

function fits(execution: Execution, wanted: Json, actual: Json | undefined): boolean {
  const program = typeof wanted === "string" ? soleProgram(wanted) : undefined;
  if (program !== undefined) {
    const value = valueOn(execution, program, actual ?? null);
    return value === true || (value !== undefined && actual !== undefined && sameJson(value, actual));
  }
  if (isObject(wanted))
    return (
      isObject(actual) && Object.entries(wanted).every(([name, part]) => fits(execution, part, actual[name]))
    );
  return sameJson(wanted, actual);
}

const expectation = (execution: Execution, expect: string | undefined): Json | undefined =>
  expect !== undefined && soleProgram(expect) !== undefined
    ? valueOn(execution, expect, execution.input)
    : expect;

function valueOn(execution: Execution, expression: string, input: Json): Json | undefined {
  try {
    return execution.glance(expression, input);
  } catch (thrown) {
    if (thrown instanceof RaisedFault) return undefined;
    throw thrown;
  }
}
