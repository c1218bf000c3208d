/** The raise task: a fault on purpose, described in place or under `use.errors`. */
import { member, numberIn } from "../data/json-value.ts";
import type { Json } from "../json.ts";
import { RaisedFault, standardFault } from "../raised-fault.ts";
import type { Execution } from "../perform/execution.ts";
import type { TaskResult } from "../perform/task.ts";

export function performRaise(execution: Execution): TaskResult {
  const declared = execution.property("raise", "error");
  const error = execution.resolve(
    typeof declared === "string" ? execution.run.reusable("errors", declared) : (declared ?? null),
  );
  const type = member(error, "type");
  const status = numberIn(error, "status");
  if (typeof type !== "string" || status === undefined)
    throw standardFault("configuration", `${JSON.stringify(error)} is no error; give it a type and a status`);
  throw new RaisedFault({
    type,
    status,
    instance: execution.site.pointer,
    ...textual("title", member(error, "title")),
    ...textual("detail", member(error, "detail")),
  });
}

const textual = <Name extends "title" | "detail">(
  name: Name,
  value: Json | undefined,
): Partial<Record<Name, string>> =>
  value === undefined || value === null
    ? {}
    : ({ [name]: typeof value === "string" ? value : JSON.stringify(value) } as Record<Name, string>);
