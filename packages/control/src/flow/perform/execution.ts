/**
 * One execution of one task: its data, and the evaluation of what its definition says.
 *
 * Expressions whose value may differ when the run is walked again (they name the time, the context or the task itself) are
 * evaluated once and kept, as long as the task is at work: tasks inside it have records that build on them.
 */
import type { Seconds } from "@frugal/core";
import { dateTimeDescriptor } from "../data/date-time.ts";
import { parseDuration } from "../data/duration.ts";
import { type Arguments, type Evaluate, resolved } from "../data/evaluator.ts";
import { programOf } from "../data/expression-text.ts";
import { type JsonObject, listIn, member, textIn } from "../data/json-value.ts";
import type { Json } from "../json.ts";
import { standardFault } from "../raised-fault.ts";
import { numbered } from "../run/execution-key.ts";
import type { Run } from "../run/run.ts";
import type { Routine } from "../run/wait.ts";
import { bounded } from "./bounds-check.ts";
import type { ListResult, Subtasks, TaskResult, TaskSite } from "./task.ts";
import { workflowArguments } from "./workflow-arguments.ts";

const isChangeable = (program: string): boolean => /\bnow\b|\$(?:context|task)\b/.test(program);

const constants = (variables: JsonObject): Arguments =>
  Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, () => value]));

/** Where a list of tasks inside a task is, and what is different for it. */
interface Sublist {
  /** Properties that lead to it, like `catch/do`. */
  readonly path: string;
  readonly input: Json;
  /** The key to begin with, where the list is performed several times. */
  readonly key?: string;
  readonly variables?: JsonObject;
}

export class Execution {
  readonly run: Run;
  readonly site: TaskSite;
  /** Before `input.from`. */
  readonly rawInput: Json;
  /** What the task works on. */
  input: Json;
  /** Before `output.as`; undefined until the work is done. */
  rawOutput: Json | undefined;
  /** After `output.as`; undefined until then. */
  output: Json | undefined;
  readonly #subtasks: Subtasks;
  readonly #isLasting: boolean;
  readonly #arguments: Arguments;
  readonly #startedAt: Seconds;
  #kept = 0;

  constructor(
    run: Run,
    site: TaskSite,
    rawInput: Json,
    use: { readonly subtasks: Subtasks; readonly isLasting: boolean },
  ) {
    this.run = run;
    this.site = site;
    this.rawInput = rawInput;
    this.input = rawInput;
    this.#subtasks = use.subtasks;
    this.#isLasting = use.isLasting;
    this.#startedAt = run.wallTime;
    this.#arguments = {
      ...workflowArguments(run),
      context: () => run.context,
      input: () => this.input,
      output: () => this.output ?? null,
      authorization: () => null,
      task: () => this.#descriptor(),
      ...constants(site.variables),
    };
  }

  /** A property of the task's definition. */
  property(...path: readonly string[]): Json | undefined {
    return member(this.site.definition, ...path);
  }

  /** An expression, with or without `${ }`, on `input`. */
  evaluate(expression: string, input: Json = this.input): Json {
    return this.#evaluated(programOf(expression), input, this.#arguments);
  }

  /** As `evaluate`, with more that the expression can name. */
  evaluateWith(expression: string, input: Json, variables: JsonObject): Json {
    return this.#evaluated(programOf(expression), input, this.#with(variables));
  }

  /** As `evaluateWith`, for what is not evaluated the same number of times when the run is walked again: it is not kept. */
  glance(expression: string, input: Json, variables: JsonObject = {}): Json {
    return this.run.engine.evaluator.evaluate(programOf(expression), input, this.#with(variables));
  }

  /** As `transform`, not kept. */
  transformAtOnce(rule: Json, input: Json, variables: JsonObject): Json {
    const evaluate: Evaluate = (program, data) => this.glance(program, data, variables);
    if (typeof rule === "string") return evaluate(rule, input);
    return bounded(this.run, resolved(rule, input, evaluate, this.#isLoose), "The data");
  }

  /** A template: data with `${ }` in it. */
  resolve(template: Json, input: Json = this.input): Json {
    const evaluate: Evaluate = (program, data) => this.#evaluated(program, data, this.#arguments);
    return bounded(this.run, resolved(template, input, evaluate, this.#isLoose), "The data");
  }

  /** What is either an expression or data with expressions in it: `input.from`, `output.as`, `export.as`. */
  transform(rule: Json, input: Json): Json {
    return typeof rule === "string" ? this.evaluate(rule, input) : this.resolve(rule, input);
  }

  /** A duration: ISO 8601, or an object, either possibly by expressions. */
  duration(value: Json): Seconds {
    const duration = parseDuration(this.resolve(value));
    if (duration !== undefined) return duration;
    throw standardFault(
      "configuration",
      `${JSON.stringify(value)} is no duration; use ISO 8601 like PT1M30S, or { minutes: 1, seconds: 30 }`,
    );
  }

  /** The time of something that was decided once, and stays when the run is taken up again. */
  due(kind: "due" | "limit", after: () => Seconds, key: string = this.site.key): number {
    const known = this.run.find(kind, key)?.at;
    if (known !== undefined) return known;
    const at = this.run.elapsed + after();
    this.run.record(key, { kind, at });
    return at;
  }

  /** Performs a list of tasks inside this one. */
  list(sublist: Sublist): Routine<ListResult> {
    const { pointer, key, definition, variables, depth } = this.site;
    return this.#subtasks.list(
      this.run,
      {
        pointer: `${pointer}/${sublist.path}`,
        key: `${sublist.key ?? key}/${sublist.path}`,
        items: listIn(definition, ...sublist.path.split("/")),
        variables: { ...variables, ...sublist.variables },
        depth: this.#deeper(depth),
      },
      sublist.input,
    );
  }

  /** Performs a single task inside this one. */
  *single(site: Omit<TaskSite, "depth" | "variables">, input: Json): Routine<TaskResult> {
    const { variables, depth } = this.site;
    const passage = yield* this.#subtasks.single(
      this.run,
      { ...site, variables, depth: this.#deeper(depth) },
      input,
    );
    return { output: passage.output, hasEnded: passage.then === "end" };
  }

  get #isLoose(): boolean {
    return textIn(this.run.definition, "evaluate", "mode") === "loose";
  }

  #with(variables: JsonObject): Arguments {
    return { ...this.#arguments, ...constants(variables) };
  }

  #deeper(depth: number): number {
    const { limits } = this.run.engine;
    if (depth + 1 < limits.depth) return depth + 1;
    throw standardFault(
      "configuration",
      `Tasks are nested deeper than ${limits.depth}. See whether a function under use.functions calls itself`,
    );
  }

  #evaluated(program: string, input: Json, known: Arguments): Json {
    const { run, site } = this;
    if (!this.#isLasting || this.rawOutput !== undefined || !isChangeable(program))
      return run.engine.evaluator.evaluate(program, input, known);
    const key = numbered(site.key, "value", ++this.#kept);
    const kept = run.find("kept", key);
    if (kept !== undefined) return kept.value;
    const value = run.engine.evaluator.evaluate(program, input, known);
    run.record(key, { kind: "kept", value });
    return value;
  }

  #descriptor(): Json {
    const { name, pointer, definition } = this.site;
    return {
      name,
      reference: pointer,
      definition,
      input: this.rawInput,
      output: this.rawOutput ?? null,
      startedAt: dateTimeDescriptor(this.#startedAt),
    };
  }
}
