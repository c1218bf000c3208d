/** The wait task: time passes. Taken up again, it waits for what is left. */
import type { Routine } from "../run/wait.ts";
import { sleepUntil } from "../run/waits.ts";
import type { Execution } from "../perform/execution.ts";
import type { TaskResult } from "../perform/task.ts";

export function* performWait(execution: Execution): Routine<TaskResult> {
  const at = execution.due("due", () => execution.duration(execution.property("wait") ?? null));
  yield* sleepUntil(execution.run, at);
  return { output: execution.input };
}
