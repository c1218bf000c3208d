/**
 * The switch task: where to go on. The first case whose condition holds decides, else the case without a condition, else
 * the task's own `then`.
 */
import { listIn, textIn } from "../data/json-value.ts";
import { namedTask } from "../data/named-task.ts";
import type { Execution } from "../perform/execution.ts";
import type { TaskResult } from "../perform/task.ts";

export function performSwitch(execution: Execution): TaskResult {
  const cases = listIn(execution.site.definition, "switch").map((item) => namedTask(item).definition);
  const chosen =
    cases.find((candidate) => {
      const when = textIn(candidate, "when");
      return when !== undefined && execution.evaluate(when) === true;
    }) ?? cases.find((candidate) => textIn(candidate, "when") === undefined);
  return { output: execution.input, then: textIn(chosen, "then") };
}
