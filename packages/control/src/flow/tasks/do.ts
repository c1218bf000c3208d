/** The do task: a list of tasks as one. */
import type { Routine } from "../run/wait.ts";
import type { Execution } from "../perform/execution.ts";
import type { TaskResult } from "../perform/task.ts";

export const performDo = (execution: Execution): Routine<TaskResult> =>
  execution.list({ path: "do", input: execution.input });
