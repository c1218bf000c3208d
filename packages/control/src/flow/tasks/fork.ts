/**
 * The fork task: tasks side by side. The output is the list of theirs, or where they compete, that of the first to complete.
 * A branch that faults, faults the fork; a branch that ends the workflow, ends it.
 */
import { listIn } from "../data/json-value.ts";
import { namedTask } from "../data/named-task.ts";
import { sideBySide } from "../run/branches.ts";
import { keyPart, pointerPart } from "../run/execution-key.ts";
import type { Routine } from "../run/wait.ts";
import type { Execution } from "../perform/execution.ts";
import type { TaskResult } from "../perform/task.ts";

export function* performFork(execution: Execution): Routine<TaskResult> {
  const { run, site, input } = execution;
  const isRace = execution.property("fork", "compete") === true;
  const branches = listIn(site.definition, "fork", "branches").map((item, i) => {
    const task = namedTask(item);
    const pointer = `${site.pointer}/fork/branches/${i}/${pointerPart(task.name)}`;
    const key = `${site.key}/fork/branches/${i}/${keyPart(task.name)}`;
    return execution.single({ ...task, pointer, key }, input);
  });
  const end = yield* sideBySide(run.engine, branches, (result) => isRace || result.hasEnded === true);
  return end.kind === "decided" ? end.result : { output: end.results.map((result) => result.output) };
}
