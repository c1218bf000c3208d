/**
 * Performs one task of any kind: condition, input, work, output, export, and the record of all that.
 */
import { member, textIn } from "../data/json-value.ts";
import type { WorkflowFault } from "../fault.ts";
import type { Json } from "../json.ts";
import { RaisedFault, standardFault } from "../raised-fault.ts";
import { asRaised, type Run } from "../run/run.ts";
import type { Routine } from "../run/wait.ts";
import { pause, within } from "../run/waits.ts";
import { bounded } from "./bounds-check.ts";
import { Execution } from "./execution.ts";
import { kindOf } from "../tasks/kinds.ts";
import { checkSchema } from "./schema-check.ts";
import type { TaskKind } from "./task-kind.ts";
import type { Passage, Subtasks, TaskResult, TaskSite } from "./task.ts";

export function* performTask(run: Run, site: TaskSite, input: Json, subtasks: Subtasks): Routine<Passage> {
  const isPauseDue = run.countTask();
  const done = run.find("done", site.key);
  if (done !== undefined) return { output: done.output, then: done.then ?? "continue" };
  if (run.find("skipped", site.key) !== undefined) return { output: input, then: "continue" };
  if (isPauseDue) yield* pause(run);
  let isUnderWay = false;
  try {
    const kind = kindOf(site);
    const execution = new Execution(run, site, input, { subtasks, isLasting: kind.kind === "lasting" });
    if (!isWanted(execution)) {
      run.record(site.key, { kind: "skipped" });
      return { output: input, then: "continue" };
    }
    isUnderWay = true;
    tell(run, site, { status: "created" });
    takeInput(execution);
    tell(run, site, { status: "started" });
    const result = yield* inTime(execution, kind);
    const passage = result.hasEnded === true ? ended(result) : finish(execution, result);
    isUnderWay = false;
    tell(run, site, { status: "completed" });
    return passage;
  } catch (thrown) {
    isUnderWay = false;
    const raised = placed(thrown, site.pointer);
    tell(run, site, { status: "faulted", fault: raised.fault });
    throw raised;
  } finally {
    if (isUnderWay) tell(run, site, { status: "cancelled" });
  }
}

type TaskNews =
  | { readonly status: "created" | "started" | "completed" | "cancelled" }
  | { readonly status: "faulted"; readonly fault: WorkflowFault };

function tell(run: Run, site: TaskSite, news: TaskNews): void {
  if (site.isUntold !== true) run.note({ of: "task", task: site.pointer, ...news });
}

const ended = (result: TaskResult): Passage => ({ output: result.output, then: "end" });

function isWanted(execution: Execution): boolean {
  const condition = execution.property("if");
  return typeof condition !== "string" || execution.evaluate(condition, execution.rawInput) === true;
}

function takeInput(execution: Execution): void {
  const declared = execution.property("input");
  checkSchema(execution.run, declared, execution.rawInput, "the input");
  const from = member(declared, "from");
  if (from !== undefined) execution.input = execution.transform(from, execution.rawInput);
}

/** The work, with the task's timeout if it has one. */
function* inTime(execution: Execution, kind: TaskKind): Routine<TaskResult> {
  if (kind.kind === "instant") return kind.perform(execution);
  const { run } = execution;
  const after = timeoutOf(execution);
  if (after === undefined) return yield* kind.perform(execution);
  const at = execution.due("limit", () => execution.duration(after));
  const result = yield* within(run, at, kind.perform(execution));
  if (result !== undefined) return result;
  throw standardFault("timeout", `The task took longer than its timeout of ${JSON.stringify(after)}`);
}

function timeoutOf(execution: Execution): Json | undefined {
  const timeout = execution.property("timeout");
  return member(typeof timeout === "string" ? execution.run.reusable("timeouts", timeout) : timeout, "after");
}

/** Transforms and exports the output, and records the task. */
function finish(execution: Execution, result: TaskResult): Passage {
  const { run, site } = execution;
  execution.rawOutput = result.output;
  const declared = execution.property("output");
  const as = member(declared, "as");
  const output = as === undefined ? result.output : execution.transform(as, result.output);
  checkSchema(run, declared, output, "the output");
  bounded(run, output, "The output");
  execution.output = output;
  const context = exported(execution, output);
  const then = result.then ?? textIn(site.definition, "then") ?? "continue";
  run.record(site.key, {
    kind: "done",
    output,
    ...(then === "continue" ? {} : { then }),
    ...(context === undefined ? {} : { context }),
  });
  return { output, then };
}

function exported(execution: Execution, output: Json): Json | undefined {
  const { run } = execution;
  const declared = execution.property("export");
  const as = member(declared, "as");
  if (as === undefined) return undefined;
  const context = execution.transform(as, output);
  checkSchema(run, declared, context, "the exported context");
  run.context = context;
  return context;
}

/** The fault of `thrown`, with the place where it arose. */
function placed(thrown: unknown, pointer: string): RaisedFault {
  const raised = asRaised(thrown);
  return raised.fault.instance === undefined
    ? new RaisedFault({ ...raised.fault, instance: pointer })
    : raised;
}
