/**
 * Which faults a try task catches: those with the properties that `catch.errors.with` names, of which `catch.when` holds and
 * `catch.exceptWhen` does not.
 */
import { isObject, textIn } from "../../data/json-value.ts";
import type { WorkflowFault } from "../../fault.ts";
import type { Json } from "../../json.ts";
import { currentErrorType } from "../../raised-fault.ts";
import type { Execution } from "../../perform/execution.ts";

export function catches(execution: Execution, fault: WorkflowFault): boolean {
  const filter = execution.property("catch", "errors", "with");
  const isMeant = Object.entries(isObject(filter) ? filter : {}).every(([name, wanted]) =>
    hasProperty(fault, name, wanted),
  );
  return isMeant && passes(execution, fault, execution.property("catch"));
}

/** Whether the conditions `when` and `exceptWhen` of `declared` let `fault` pass. */
export function passes(execution: Execution, fault: WorkflowFault, declared: Json | undefined): boolean {
  const variables = { [errorVariable(execution)]: { ...fault } };
  const holds = (condition: string): boolean =>
    execution.glance(condition, execution.input, variables) === true;
  const when = textIn(declared, "when");
  const exceptWhen = textIn(declared, "exceptWhen");
  return (when === undefined || holds(when)) && (exceptWhen === undefined || !holds(exceptWhen));
}

/** What expressions call the fault. */
export const errorVariable = (execution: Execution): string =>
  textIn(execution.property("catch"), "as") ?? "error";

function hasProperty(fault: WorkflowFault, name: string, wanted: Json): boolean {
  switch (name) {
    case "type":
      return typeof wanted === "string" && currentErrorType(fault.type) === currentErrorType(wanted);
    case "status":
      return fault.status === wanted;
    case "instance":
      return fault.instance === wanted;
    case "title":
      return fault.title === wanted;
    // The DSL's text says detail, its schema details.
    case "detail":
    case "details":
      return fault.detail === wanted;
    default:
      return false;
  }
}
