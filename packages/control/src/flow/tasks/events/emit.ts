/**
 * The emit task. An event is recorded before it is emitted, and the task is done when the event has come back: whatever happens
 * in between, the event goes out at least once, and always the same. Its id, unless given, names the execution.
 */
import { formatDateTime } from "../../data/date-time.ts";
import { isObject } from "../../data/json-value.ts";
import { standardFault } from "../../raised-fault.ts";
import type { Routine } from "../../run/wait.ts";
import { waitUntil } from "../../run/waits.ts";
import type { CloudEvent } from "../../step.ts";
import type { Execution } from "../../perform/execution.ts";
import type { TaskResult } from "../../perform/task.ts";

export function* performEmit(execution: Execution): Routine<TaskResult> {
  const { run, site } = execution;
  const known = run.find("emitted", site.key);
  const event = known?.event ?? newEvent(execution);
  if (known === undefined) run.record(site.key, { kind: "emitted", event });
  yield waitUntil((wake) => {
    run.emit(event);
    return run.listen((heard) => {
      if (heard.id === event.id && heard.source === event.source) wake();
    });
  });
  return { output: event };
}

function newEvent(execution: Execution): CloudEvent {
  const { run, site } = execution;
  const declared = execution.resolve(execution.property("emit", "event", "with") ?? null);
  const { id, source, type, ...rest } = isObject(declared) ? declared : {};
  if (typeof source !== "string" || typeof type !== "string")
    throw standardFault("configuration", "The event to emit has no source or no type; CloudEvents need both");
  return {
    time: formatDateTime(run.wallTime),
    ...rest,
    specversion: "1.0",
    id: typeof id === "string" ? id : `${run.id}${site.key}`,
    source,
    type,
  };
}
