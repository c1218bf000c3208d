import type { Routine } from "../run/wait.ts";
import type { Execution } from "./execution.ts";
import type { TaskResult } from "./task.ts";

/** A kind of task: its work is done at once, or is a routine that may wait. */
export type TaskKind =
  | { readonly kind: "instant"; readonly perform: (execution: Execution) => TaskResult }
  | { readonly kind: "lasting"; readonly perform: (execution: Execution) => Routine<TaskResult> };
