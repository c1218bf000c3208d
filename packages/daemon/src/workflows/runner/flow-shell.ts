/**
 * The live shell around the flow engine: hands it what happens to runs, and carries its commands out. It decides nothing.
 *
 * Invariants (cited by the tests):
 *   R1  what a durable run stores is on disk before any later command of that run is carried out (I1)
 *   R2  the commands of a run are carried out in order, and events that they cause are handled after them
 *   R3  a run's end is told once, after it is on disk
 *   R4  a command that cannot be carried out ends its run as faulted; nothing but that end is done for it any more
 */
import type {
  CloudEvent,
  Flow,
  FlowCommand,
  FlowEvent,
  RunEnd,
  StepNumber,
  StepRecord,
  WorkflowFault,
} from "@frugal/control";
import { type Clock, messageOf, type RunId, type Seconds, unreachable } from "@frugal/core";
import type { Journal } from "../store/journal.ts";
import type { Run, RunBeginning, RunEnding } from "../store/run.ts";
import type { ActiveRun } from "./active-run.ts";
import { eventOfNote, instant } from "../events/lifecycle-events.ts";
import type { RunBook } from "./run-book.ts";
import type { RunObserver } from "./run-observer.ts";
import { faultOf } from "../steps/step-faults.ts";
import type { RunWorkflow, StepEnd, Steps } from "../steps/steps.ts";

export interface FlowShellParts {
  readonly flow: Pick<Flow, "handle">;
  readonly clock: Clock;
  /** Seconds since 1970 at the monotonic time `now`. */
  readonly wallTime: (now: Seconds) => Seconds;
  readonly journal: Journal;
  readonly book: RunBook;
  readonly steps: Steps;
  /** Starts another run for a step, or finds the one that it started already. */
  readonly startChild: (parent: ActiveRun, command: RunWorkflow, done: (end: StepEnd) => void) => () => void;
  /** May grow. */
  readonly observers: readonly RunObserver[];
  /** What follows from the end of any run. */
  readonly tidy: (run: RunBeginning) => void;
  /** Told of faults of Frugal's own. */
  readonly complain: (fault: unknown) => void;
}

export class FlowShell {
  readonly #parts: FlowShellParts;
  readonly #runs = new Map<RunId, ActiveRun>();
  readonly #events: FlowEvent[] = [];
  #isHandling = false;
  #isStopped = false;
  #cancelTimer: () => void = () => undefined;

  constructor(parts: FlowShellParts) {
    this.#parts = parts;
  }

  /** Runs that have not ended. */
  get size(): number {
    return this.#runs.size;
  }

  find(id: RunId): ActiveRun | undefined {
    return this.#runs.get(id);
  }

  /** Makes a run known that is about to begin. */
  adopt(run: ActiveRun): void {
    this.#runs.set(run.beginning.id, run);
  }

  /** Begins a run that is on disk, or takes it up again with the `records` of its steps so far. */
  begin(run: ActiveRun, records: readonly StepRecord[]): void {
    const { id, input, startedAt } = run.beginning;
    this.adopt(run);
    this.#send({
      kind: "run-started",
      run: id,
      definition: run.workflow.definition,
      input,
      startedAt: instant(startedAt),
      records,
    });
  }

  cancel(id: RunId): void {
    this.#send({ kind: "run-cancelled", run: id });
  }

  receive(event: CloudEvent): void {
    this.#send({ kind: "event-received", event });
  }

  /** Begins no more steps. What ends is still noted. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer();
  }

  /** Handles an event now, or after the one being handled (R2). */
  #send(event: FlowEvent): void {
    this.#events.push(event);
    if (this.#isHandling) return;
    this.#isHandling = true;
    for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
      try {
        const commands = this.#parts.flow.handle(next, this.#parts.clock.now());
        for (const command of commands) this.#obey(command);
      } catch (fault) {
        this.#parts.complain(fault);
      }
    }
    this.#isHandling = false;
  }

  /** Carries a command out, now or when what the run stored before it is on disk (R1). */
  #obey(command: FlowCommand): void {
    if (command.kind === "set-timer") {
      this.#setTimer(command.at);
      return;
    }
    const run = this.#runs.get(command.run);
    if (run === undefined) return;
    if (command.kind === "store")
      this.#guarded(run, () => {
        if (!run.isBroken && !this.#parts.book.record(run, command.record)) this.#break(run, tooMuch);
      });
    else if (run.held === 0) this.#guarded(run, () => this.#carryOut(run, command));
    else {
      run.held++;
      this.#parts.journal.after(() => {
        run.held--;
        this.#guarded(run, () => this.#carryOut(run, command));
      });
    }
  }

  /** Does `work` for the run; where that fails, the run ends (R4). */
  #guarded(run: ActiveRun, work: () => void): void {
    try {
      work();
    } catch (fault) {
      this.#parts.complain(fault);
      this.#break(run, faultOf("runtime", 500, "A fault of Frugal", messageOf(fault)));
    }
  }

  #break(run: ActiveRun, fault: WorkflowFault): void {
    run.isBroken = true;
    this.#send({ kind: "run-failed", run: run.beginning.id, fault });
  }

  #carryOut(run: ActiveRun, command: Exclude<FlowCommand, { kind: "set-timer" | "store" }>): void {
    switch (command.kind) {
      case "invoke":
      case "call-http":
      case "run-workflow":
        this.#beginStep(run, command);
        return;
      case "withdraw":
        run.giveUp(command.step);
        return;
      case "emit":
        if (run.isBroken) return;
        this.#parts.book.event(run, command.event);
        this.receive(command.event);
        return;
      case "note":
        // The end of a run is told with what it gave, by `end-run`.
        if (command.note.of === "task" || !isEnd(command.note.status))
          this.#parts.book.event(run, eventOfNote(run.beginning, command.note, this.#now()));
        return;
      case "end-run":
        this.#end(run, command.end);
        return;
      default:
        unreachable(command);
    }
  }

  #beginStep(run: ActiveRun, command: Extract<FlowCommand, { step: StepNumber; task: string }>): void {
    if (this.#isStopped || run.ending !== undefined || run.isBroken) return;
    const { steps, startChild } = this.#parts;
    // A step may end before what begins it returns.
    const state = { isOver: false };
    const done = (end: StepEnd): void => {
      if (state.isOver) return;
      state.isOver = true;
      run.steps.delete(command.step);
      this.#endStep(run, command.step, end);
    };
    const withdraw =
      command.kind === "invoke"
        ? steps.invoke(run, command, done)
        : command.kind === "call-http"
          ? steps.callHttp(command, done)
          : startChild(run, command, done);
    if (!state.isOver)
      run.steps.set(command.step, {
        withdraw: () => {
          state.isOver = true;
          withdraw();
        },
        usesEnergy: command.kind !== "call-http",
      });
  }

  #endStep(run: ActiveRun, step: StepNumber, { outcome, entry }: StepEnd): void {
    const { book, observers } = this.#parts;
    book.stage(run, entry);
    for (const observer of observers) observer.stageEnded(run.beginning, entry);
    this.#send({ kind: "step-finished", run: run.beginning.id, step, outcome });
  }

  #end(run: ActiveRun, end: RunEnd): void {
    for (const step of [...run.steps.keys()]) run.giveUp(step);
    const ending: RunEnding = {
      status: end.kind,
      endedAt: this.#now(),
      output: end.kind === "completed" ? end.output : undefined,
      fault: end.kind === "faulted" ? end.fault : undefined,
      energy: run.energy,
    };
    run.ending = ending;
    this.#parts.book.end(run, ending, () => this.#ended(run, ending));
  }

  #ended(run: ActiveRun, ending: RunEnding): void {
    const { observers, tidy } = this.#parts;
    this.#runs.delete(run.beginning.id);
    tidy(run.beginning);
    for (const observer of observers) observer.runEnded(run.beginning, ending);
    const ended: Run = { ...run.beginning, ending };
    for (const tell of run.whenEnded) tell(ended);
  }

  #setTimer(at: Seconds): void {
    const { clock } = this.#parts;
    this.#cancelTimer();
    if (!this.#isStopped) this.#cancelTimer = clock.at(at, () => this.#send({ kind: "timer-fired" }));
  }

  #now(): Seconds {
    const { clock, wallTime } = this.#parts;
    return wallTime(clock.now());
  }
}

const tooMuch = faultOf(
  "runtime",
  507,
  "Too much to store",
  "The run's tasks have stored more than a run may. Hand on less from task to task, or less often; " +
    "with durable: false in the document's metadata nothing is stored, and the run does not outlast the platform",
);

const isEnd = (status: string): boolean => ["completed", "faulted", "cancelled"].includes(status);
