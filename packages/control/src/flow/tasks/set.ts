/** The set task: data as the output. */
import type { Execution } from "../perform/execution.ts";
import type { TaskResult } from "../perform/task.ts";

export const performSet = (execution: Execution): TaskResult => ({
  output: execution.resolve(execution.property("set") ?? null),
});
