/**
 * A shell for tests: carries the engine's commands out in virtual time, answers steps from a table, and throws when a command
 * breaks a promise (F1 to F3 of `run/run.ts`).
 */
import { runId, type RunId, type Seconds, seconds, seededRandom } from "@frugal/core";
import {
  type CloudEvent,
  Flow,
  type FlowCommand,
  type FlowEvent,
  type FlowLimits,
  type Json,
  type LifecycleNote,
  type RunEnd,
  type Schemas,
  type StepNumber,
  type StepOutcome,
  type StepRecord,
  type WorkflowDefinition,
  type WorkflowFault,
} from "../../src/index.ts";
import { TinyJq } from "./tiny-jq.ts";

export type StepCommand = Extract<FlowCommand, { readonly step: StepNumber; readonly task: string }>;

export interface Answer {
  /** Undefined: never. */
  readonly after?: number | undefined;
  readonly outcome: StepOutcome;
}

export interface ShellOptions {
  readonly answer?: (step: StepCommand, attempt: number) => Answer;
  readonly limits?: Partial<FlowLimits>;
  readonly schemas?: Schemas;
  readonly timeInTurn?: () => Seconds;
  /** Whether all that a turn stores is on disk before anything else of it is done. */
  readonly commitsFirst?: boolean;
  /** Events from outside, by virtual time. */
  readonly events?: readonly (readonly [at: number, event: CloudEvent])[];
}

/** What is left of the world when a process dies. */
export interface Remains {
  readonly records: readonly StepRecord[];
  readonly elapsed: number;
  readonly steps: readonly StepNumber[];
}

export const success = (output: Json, after = 1): Answer => ({
  after,
  outcome: { kind: "success", output },
});
export const failure = (fault: WorkflowFault, after = 1): Answer => ({
  after,
  outcome: { kind: "fault", fault },
});
export const never: Answer = { after: undefined, outcome: { kind: "success", output: null } };

interface Due {
  readonly at: number;
  readonly sequence: number;
  readonly event: FlowEvent;
  readonly step?: StepNumber;
}

const start = 1_000_000;

export class FlowShell {
  readonly expressions = new TinyJq();
  readonly commands: FlowCommand[] = [];
  readonly steps: StepCommand[] = [];
  readonly records: StepRecord[];
  readonly notes: LifecycleNote[] = [];
  readonly emitted: CloudEvent[] = [];
  readonly withdrawn: StepNumber[] = [];
  readonly run: RunId = runId("5c0e1a52-0000-4000-8000-000000000001");
  end: RunEnd | undefined;
  endedAt: number | undefined;
  now: number;
  readonly #flow: Flow;
  readonly #options: ShellOptions;
  /** What this process's monotonic clock is ahead of the time of the test. */
  readonly #offset: number;
  readonly #usedSteps: Set<StepNumber>;
  readonly #attempts = new Map<string, number>();
  readonly #recordTimes: number[] = [];
  #due: Due[] = [];
  #sequence = 0;
  #timer: number | undefined;
  /** Commands that are still carried out; then the process is dead. */
  #life: number;

  constructor(options: ShellOptions = {}, remains?: Remains, life = Infinity) {
    this.#options = options;
    this.#life = life;
    // Another process has another monotonic clock.
    const offset = remains === undefined ? 0 : 7777;
    this.now = remains?.elapsed ?? 0;
    this.records = [...(remains?.records ?? [])];
    this.#usedSteps = new Set(remains?.steps);
    this.#flow = new Flow({
      expressions: this.expressions,
      random: seededRandom(remains === undefined ? 1 : 2),
      runtime: { name: "frugal", version: "0" },
      wallTime: (now) => seconds(start + now - offset),
      schemas: options.schemas,
      limits: options.limits,
      timeInTurn: options.timeInTurn,
    });
    this.#offset = offset;
    for (const [at, event] of options.events ?? [])
      this.send({ kind: "event-received", event }, at - this.now);
  }

  /** Starts the run, or takes it up again, and goes on until nothing more happens. */
  execute(definition: WorkflowDefinition, input: Json = {}): RunEnd | undefined {
    this.send({
      kind: "run-started",
      run: this.run,
      definition,
      input,
      startedAt: "1970-01-12T13:46:40Z",
      records: [...this.records],
    });
    this.proceed();
    return this.end;
  }

  /** Has an event happen `after` seconds from now. */
  send(event: FlowEvent, after = 0, step?: StepNumber): void {
    this.#due.push({
      at: Math.max(this.now, this.now + after),
      sequence: this.#sequence++,
      event,
      ...(step === undefined ? {} : { step }),
    });
  }

  /** Goes on until nothing more happens, or `until`. */
  proceed(until = Infinity): void {
    for (let turns = 0; this.#life > 0; turns++) {
      if (turns > 100_000) throw new Error("The run goes on and on");
      const next = this.#next();
      if (next === undefined || next.at > until) return;
      this.now = Math.max(this.now, next.at);
      const commands = this.#flow.handle(next.event, seconds(this.now + this.#offset));
      const stores =
        this.#options.commitsFirst === true ? commands.filter(({ kind }) => kind === "store") : [];
      for (const command of stores) this.#obey(command);
      for (const command of commands) if (!stores.includes(command) && this.#life-- > 0) this.#obey(command);
    }
  }

  /** What another process finds. */
  get remains(): Remains {
    return { records: this.records, elapsed: this.now, steps: [...this.#usedSteps] };
  }

  /** The records that were there at a time. */
  recordsAt(time: number): readonly StepRecord[] {
    return this.records.filter((_, i) => (this.#recordTimes[i] ?? 0) <= time);
  }

  get output(): Json {
    if (this.end?.kind === "completed") return this.end.output;
    throw new Error(`The run is not completed: ${JSON.stringify(this.end)}`);
  }

  get fault(): WorkflowFault {
    if (this.end?.kind === "faulted") return this.end.fault;
    throw new Error(`The run is not faulted: ${JSON.stringify(this.end)}`);
  }

  #next(): Due | undefined {
    const [first] = this.#due.sort((one, other) => one.at - other.at || one.sequence - other.sequence);
    if (this.#timer !== undefined && (first === undefined || this.#timer <= first.at)) {
      const at = this.#timer;
      this.#timer = undefined;
      return { at, sequence: 0, event: { kind: "timer-fired" } };
    }
    return this.#due.shift();
  }

  #obey(command: FlowCommand): void {
    this.commands.push(command);
    if (this.end !== undefined && command.kind !== "set-timer")
      throw new Error(`${command.kind} after the end of the run (F1)`);
    switch (command.kind) {
      case "invoke":
      case "call-http":
      case "run-workflow":
        this.#begin(command);
        break;
      case "withdraw":
        this.withdrawn.push(command.step);
        this.#due = this.#due.filter(({ step }) => step !== command.step);
        break;
      case "store":
        this.#recordTimes[this.records.length] = this.now;
        this.records.push(JSON.parse(JSON.stringify(command.record)) as StepRecord);
        break;
      case "emit":
        this.emitted.push(command.event);
        this.send({ kind: "event-received", event: command.event });
        break;
      case "note":
        this.notes.push(command.note);
        break;
      case "end-run":
        this.end = command.end;
        this.endedAt = this.now;
        break;
      case "set-timer":
        this.#timer = command.at - this.#offset;
        break;
    }
  }

  #begin(command: StepCommand): void {
    if (this.#usedSteps.has(command.step)) throw new Error(`Step ${command.step} is used twice (F3)`);
    if (this.#isDone(command.execution))
      throw new Error(`${command.execution} has a record and is executed again (F2)`);
    this.#usedSteps.add(command.step);
    this.steps.push(command);
    const attempt = (this.#attempts.get(command.task) ?? 0) + 1;
    this.#attempts.set(command.task, attempt);
    const { after, outcome } = this.#options.answer?.(command, attempt) ?? echo(command);
    if (after !== undefined)
      this.send({ kind: "step-finished", run: this.run, step: command.step, outcome }, after, command.step);
  }

  #isDone(execution: string): boolean {
    return this.records.some(
      ({ key, content }) => key === execution && (content as { kind: string }).kind === "done",
    );
  }
}

/** A function that returns its payload. */
const echo = (command: StepCommand): Answer =>
  success(
    command.kind === "invoke" ? command.payload : command.kind === "run-workflow" ? command.input : null,
  );

/** A run of the tasks `list` to its end. */
export function run(list: WorkflowDefinition["do"], input: Json = {}, options: ShellOptions = {}): FlowShell {
  const shell = new FlowShell(options);
  shell.execute(workflow(list), input);
  return shell;
}

/** A definition of the tasks `list`, with further properties. */
export const workflow = (
  list: WorkflowDefinition["do"],
  more: Readonly<Record<string, Json>> = {},
): WorkflowDefinition => ({
  ...more,
  document: { dsl: "1.0.3", namespace: "test", name: "example", version: "0.1.0" },
  do: list,
});
