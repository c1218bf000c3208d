/**
 * The for task: a list of tasks for every item of a collection. The output of an iteration is the input of the next.
 */
import { isList } from "../data/json-value.ts";
import type { Json } from "../json.ts";
import { standardFault } from "../raised-fault.ts";
import { numbered } from "../run/execution-key.ts";
import type { Routine } from "../run/wait.ts";
import type { Execution } from "../perform/execution.ts";
import type { TaskResult } from "../perform/task.ts";

export function* performFor(execution: Execution): Routine<TaskResult> {
  const condition = execution.property("while");
  let output: Json = execution.input;
  for (const [index, item] of collection(execution).entries()) {
    const variables = {
      [nameOr(execution.property("for", "each"), "item")]: item,
      [nameOr(execution.property("for", "at"), "index")]: index,
    };
    if (typeof condition === "string" && execution.evaluateWith(condition, output, variables) !== true) break;
    const result = yield* execution.list({
      path: "do",
      key: numbered(execution.site.key, "iteration", index),
      input: output,
      variables,
    });
    output = result.output;
    if (result.hasEnded) return result;
  }
  return { output };
}

function collection(execution: Execution): readonly Json[] {
  const items = execution.property("for", "in");
  const value = typeof items === "string" ? execution.evaluate(items) : items;
  if (isList(value)) return value;
  throw standardFault(
    "expression",
    `for.in yields ${JSON.stringify(value)}, which is no list; use an expression that yields a list`,
  );
}

const nameOr = (name: Json | undefined, usual: string): string => (typeof name === "string" ? name : usual);
