/**
 * Performs a whole workflow: its input, its tasks within its timeout, its output.
 */
import { parseDuration } from "../data/duration.ts";
import { type Arguments, resolved } from "../data/evaluator.ts";
import { programOf } from "../data/expression-text.ts";
import { listIn, member } from "../data/json-value.ts";
import type { Json } from "../json.ts";
import { standardFault } from "../raised-fault.ts";
import { numbered } from "../run/execution-key.ts";
import type { Run } from "../run/run.ts";
import type { Routine } from "../run/wait.ts";
import { within } from "../run/waits.ts";
import { bounded } from "./bounds-check.ts";
import { performList } from "./perform-list.ts";
import { checkSchema } from "./schema-check.ts";
import { workflowArguments } from "./workflow-arguments.ts";

export function* performWorkflow(run: Run): Routine<Json> {
  const input = inputOf(run);
  run.context = run.contextLeft ?? input;
  const result = yield* tasksInTime(run, input);
  return outputOf(run, result);
}

function inputOf(run: Run): Json {
  const declared = member(run.definition, "input");
  const key = numbered("", "value", 1);
  const kept = run.find("kept", key);
  if (kept !== undefined) return kept.value;
  checkSchema(run, declared, run.input, "the workflow's input");
  const from = member(declared, "from");
  if (from === undefined) return run.input;
  const value = transformed(run, from, run.input, workflowArguments(run));
  run.record(key, { kind: "kept", value });
  return value;
}

function* tasksInTime(run: Run, input: Json): Routine<Json> {
  const after = timeoutOf(run);
  const tasks = outputOfTasks(run, input);
  if (after === undefined) return yield* tasks;
  const limit = parseDuration(after);
  if (limit === undefined)
    throw standardFault(
      "configuration",
      `The workflow's timeout ${JSON.stringify(after)} is no duration`,
      "/timeout",
    );
  // The run's age is its time, so the limit needs no record.
  const output = yield* within(run, limit, tasks);
  if (output !== undefined) return output;
  throw standardFault("timeout", `The run took longer than the workflow's timeout of ${limit} s`, "/timeout");
}

function* outputOfTasks(run: Run, input: Json): Routine<Json> {
  const items = listIn(run.definition, "do");
  const list = { pointer: "/do", key: "/do", items, variables: {}, depth: 0 };
  const { output } = yield* performList(run, list, input);
  return output;
}

function timeoutOf(run: Run): Json | undefined {
  const timeout = member(run.definition, "timeout");
  return member(typeof timeout === "string" ? run.reusable("timeouts", timeout) : timeout, "after");
}

function outputOf(run: Run, result: Json): Json {
  const declared = member(run.definition, "output");
  const as = member(declared, "as");
  const known = { ...workflowArguments(run), context: () => run.context };
  const output = as === undefined ? result : transformed(run, as, result, known);
  checkSchema(run, declared, output, "the workflow's output");
  return output;
}

function transformed(run: Run, rule: Json, input: Json, known: Arguments): Json {
  const evaluate = (program: string, data: Json): Json => run.engine.evaluator.evaluate(program, data, known);
  if (typeof rule === "string") return evaluate(programOf(rule), input);
  return bounded(run, resolved(rule, input, evaluate, false), "The data");
}
