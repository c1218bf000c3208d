/**
 * The listen task: waits for events, and handles each by `foreach` where there is one. The output is the list of what they
 * say. Events that came before the task began are not seen.
 */
import { member, textIn } from "../../data/json-value.ts";
import type { Json } from "../../json.ts";
import { numbered } from "../../run/execution-key.ts";
import type { Routine } from "../../run/wait.ts";
import type { CloudEvent } from "../../step.ts";
import type { Execution } from "../../perform/execution.ts";
import type { TaskResult } from "../../perform/task.ts";
import { Subscription } from "./subscription.ts";

export function* performListen(execution: Execution): Routine<TaskResult> {
  const until = execution.property("listen", "to", "until");
  const subscription = new Subscription(execution);
  const read: Json[] = [];
  const outputs: Json[] = [];
  try {
    for (;;) {
      const event = subscription.next();
      if (event === undefined) {
        if (subscription.isOver) break;
        yield subscription.arrival();
        continue;
      }
      const item = readAs(execution.property("listen", "read"), event);
      const handled = yield* handle(execution, item, read.length);
      if (handled.hasEnded === true) return handled;
      read.push(item);
      outputs.push(handled.output);
      if (typeof until === "string" && execution.evaluate(until, read) === true) break;
    }
    return { output: outputs };
  } finally {
    subscription.close();
  }
}

const readAs = (read: Json | undefined, event: CloudEvent): Json =>
  read === "envelope" ? event : (event.data ?? null);

/** What `foreach` makes of one event: its tasks on the task's input, its output, its export. */
function* handle(execution: Execution, item: Json, index: number): Routine<TaskResult> {
  const isInside = execution.property("listen", "foreach") !== undefined;
  const foreach = execution.property("foreach") ?? execution.property("listen", "foreach");
  if (foreach === undefined) return { output: item };
  const { run, site } = execution;
  const key = numbered(site.key, "iteration", index);
  const done = run.find("done", key);
  if (done !== undefined) return { output: done.output };
  const variables = {
    [textIn(foreach, "item") ?? "item"]: item,
    [textIn(foreach, "at") ?? "index"]: index,
  };
  let output = item;
  if (member(foreach, "do") !== undefined) {
    const path = isInside ? "listen/foreach/do" : "foreach/do";
    const result = yield* execution.list({ path, key, input: execution.input, variables });
    if (result.hasEnded) return result;
    output = result.output;
  }
  const as = member(foreach, "output", "as");
  if (as !== undefined) output = execution.transformAtOnce(as, output, variables);
  const exported = member(foreach, "export", "as");
  const context = exported === undefined ? undefined : execution.transformAtOnce(exported, output, variables);
  if (context !== undefined) run.context = context;
  run.record(key, { kind: "done", output, ...(context === undefined ? {} : { context }) });
  return { output };
}
