/**
 * One run of a workflow: its records, its steps under way, and its end.
 *
 * Invariants (cited by the tests):
 *   F1  a run ends exactly once, and `end-run` is its last command
 *   F2  nothing that a record tells of is done a second time, whatever came between
 *   F3  no number of a step is used twice, in no life of the run
 *   F4  the same events give the same commands
 */
import { messageOf, plus, type RunId, type Seconds, seconds } from "@frugal/core";
import { type JsonObject, member } from "../data/json-value.ts";
import { parseDateTime } from "../data/date-time.ts";
import type { FlowCommand, RunEnd } from "../flow-command.ts";
import type { FlowEvent, StepOutcome } from "../flow-event.ts";
import type { WorkflowFault } from "../fault.ts";
import type { Json } from "../json.ts";
import { RaisedFault, standardFault } from "../raised-fault.ts";
import type { CloudEvent, LifecycleNote, StepNumber } from "../step.ts";
import { type Engine, type Listener, stepNumber } from "./engine.ts";
import { History } from "./history.ts";
import { Strand } from "./strand.ts";
import type { ContentOf, RecordContent, RecordKind } from "./task-record.ts";
import type { Routine } from "./wait.ts";

export type RunStarted = Extract<FlowEvent, { readonly kind: "run-started" }>;

export class Run {
  readonly id: RunId;
  readonly engine: Engine;
  readonly definition: JsonObject;
  /** As it came, before `input.from`. */
  readonly input: Json;
  /** Seconds since 1970. */
  readonly startedAt: Seconds;
  /** The workflow's context, as `$context` tells. */
  context: Json = null;
  readonly #history: History;
  readonly #origin: Seconds;
  readonly #steps = new Map<StepNumber, (outcome: StepOutcome) => void>();
  readonly #ended: () => void;
  #main: Strand | undefined;
  #isOver = false;
  #stepsAsked = 0;
  #tasks = 0;
  #tasksOfTurn = 0;
  #turn = 0;

  /** `ended` is told when the run is over. */
  constructor(started: RunStarted, engine: Engine, ended: () => void) {
    this.id = started.run;
    this.engine = engine;
    this.definition = started.definition;
    this.input = started.input;
    this.#history = new History(started.records);
    this.#ended = ended;
    const wallTime = engine.options.wallTime(engine.now);
    this.startedAt = parseDateTime(started.startedAt) ?? wallTime;
    this.#origin = seconds(engine.now - Math.max(0, wallTime - this.startedAt));
  }

  /** Begins, or takes up again, with what `main` does. */
  start(main: Routine<Json>): void {
    const isFirst = this.#history.lives === 0;
    this.record("", { kind: "life" });
    this.note({ of: "workflow", status: isFirst ? "started" : "resumed" });
    this.#main = new Strand(this.#mainly(main), this.engine, (error) => {
      this.#endFaulted(asRaised(error).fault);
    });
  }

  cancel(): void {
    this.#main?.cancel();
    this.note({ of: "workflow", status: "cancelled" });
    this.#end({ kind: "cancelled" });
  }

  /** Ends it where it is, because the shell cannot carry it on. */
  fail(fault: WorkflowFault): void {
    this.#main?.cancel();
    this.#endFaulted(fault);
  }

  /** Time since the run started. */
  get elapsed(): Seconds {
    return seconds(this.engine.now - this.#origin);
  }

  /** Seconds since 1970. */
  get wallTime(): Seconds {
    return plus(this.startedAt, this.elapsed);
  }

  /** The context that tasks of earlier lives left; undefined where they left it as it was. */
  get contextLeft(): Json | undefined {
    return this.#history.context;
  }

  find<Kind extends RecordKind>(kind: Kind, key: string): ContentOf<Kind> | undefined {
    return this.#history.find(kind, key);
  }

  record(key: string, content: RecordContent): void {
    this.engine.say({ kind: "store", run: this.id, record: { key, content } });
  }

  note(note: LifecycleNote): void {
    this.engine.say({ kind: "note", run: this.id, note });
  }

  emit(event: CloudEvent): void {
    this.engine.say({ kind: "emit", run: this.id, event });
  }

  /** Asks the shell for a step; `settle` gets its outcome. Returns how to withdraw it. */
  ask(command: (step: StepNumber) => FlowCommand, settle: (outcome: StepOutcome) => void): () => void {
    const step = stepNumber(this.#history.lives + 1, ++this.#stepsAsked);
    this.#steps.set(step, settle);
    this.engine.say(command(step));
    return () => {
      if (this.#steps.delete(step)) this.#withdraw(step);
    };
  }

  stepFinished(step: StepNumber, outcome: StepOutcome): void {
    const settle = this.#steps.get(step);
    this.#steps.delete(step);
    settle?.(outcome);
  }

  /** Calls `ring` when `elapsed` has come to `at`. */
  alarm(at: number, ring: () => void): () => void {
    return this.engine.alarm(seconds(this.#origin + at), ring);
  }

  listen(listener: Listener): () => void {
    return this.engine.listen(listener);
  }

  /** Counts the execution of a task, and says whether it is time to let other runs go first. A fault where it is one too many. */
  countTask(): boolean {
    const { limits, turn } = this.engine;
    if (++this.#tasks > limits.tasks)
      throw standardFault(
        "runtime",
        `The run executed more than ${limits.tasks} tasks. See whether a task leads back to itself without an end`,
      );
    if (this.#turn !== turn) this.#tasksOfTurn = 0;
    this.#turn = turn;
    return ++this.#tasksOfTurn > limits.tasksPerTurn || this.engine.isTurnLong;
  }

  /** A named part of the workflow's reusable components. A fault where there is none. */
  reusable(kind: "errors" | "functions" | "retries" | "timeouts" | "authentications", name: string): Json {
    const found = member(this.definition, "use", kind, name);
    if (found !== undefined) return found;
    throw standardFault("configuration", `There is no ${JSON.stringify(name)} under use.${kind}`);
  }

  *#mainly(main: Routine<Json>): Routine<void> {
    const output = yield* main;
    this.note({ of: "workflow", status: "completed" });
    this.#end({ kind: "completed", output });
  }

  /** A step that was not given out yet is as if it had never been. */
  #withdraw(step: StepNumber): void {
    const isUnsaid = this.engine.unsay(
      (command) => "step" in command && command.step === step && command.run === this.id,
    );
    if (!isUnsaid) this.engine.say({ kind: "withdraw", run: this.id, step });
  }

  #endFaulted(fault: WorkflowFault): void {
    this.note({ of: "workflow", status: "faulted", fault });
    this.#end({ kind: "faulted", fault });
  }

  #end(end: RunEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.engine.say({ kind: "end-run", run: this.id, end });
    this.#ended();
  }
}

/** What was thrown as a fault: anything but a fault is a defect of the engine or a port, and ends this run only. */
export const asRaised = (thrown: unknown): RaisedFault =>
  thrown instanceof RaisedFault
    ? thrown
    : standardFault("runtime", `The engine failed: ${messageOf(thrown)}`);
