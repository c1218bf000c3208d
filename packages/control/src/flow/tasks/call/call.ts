/**
 * The call task: by its name, HTTP, a function that the workflow defines, or a function of the platform.
 */
import { parseFunctionName } from "@frugal/core";
import { isObject, member } from "../../data/json-value.ts";
import type { Json } from "../../json.ts";
import { standardFault } from "../../raised-fault.ts";
import { numbered } from "../../run/execution-key.ts";
import type { Routine } from "../../run/wait.ts";
import { askFor } from "../../run/waits.ts";
import type { Execution } from "../../perform/execution.ts";
import type { TaskResult } from "../../perform/task.ts";
import { performHttpCall } from "./http-call.ts";

/** Calls that the DSL has and this platform does not. */
const foreign: ReadonlySet<string> = new Set(["asyncapi", "grpc", "openapi", "mcp", "a2a"]);

export function performCall(execution: Execution): Routine<TaskResult> {
  const name = execution.property("call");
  if (name === "http") return performHttpCall(execution);
  if (typeof name !== "string" || foreign.has(name))
    throw standardFault(
      "configuration",
      `call: ${JSON.stringify(name)} is not supported; use call: http or a function`,
    );
  const own = member(execution.run.definition, "use", "functions", name);
  return isObject(own) ? performOwn(execution, name) : performFunction(execution, name);
}

/** A function under `use.functions`: its task, on the arguments, in the place of the call. */
function performOwn(execution: Execution, name: string): Routine<TaskResult> {
  const definition = execution.run.reusable("functions", name);
  if (!isObject(definition))
    throw standardFault("configuration", `use.functions has no task as ${JSON.stringify(name)}`);
  const { pointer, key } = execution.site;
  const own = { name, definition, pointer, key: numbered(key, "call", 1), isUntold: true };
  return execution.single(own, argumentsOf(execution));
}

function* performFunction(execution: Execution, name: string): Routine<TaskResult> {
  const called = parseFunctionName(name);
  if (called === undefined)
    throw standardFault(
      "configuration",
      `${JSON.stringify(name)} can be no function's name; use 1 to 64 letters, digits, "-" or "_"`,
    );
  const { run, site } = execution;
  const payload = argumentsOf(execution);
  const output = yield* askFor(run, (step) => ({
    kind: "invoke",
    run: run.id,
    step,
    task: site.pointer,
    execution: site.key,
    function: called,
    payload,
  }));
  return { output };
}

function argumentsOf(execution: Execution): Json {
  const declared = execution.property("with");
  return declared === undefined ? execution.input : execution.resolve(declared);
}
