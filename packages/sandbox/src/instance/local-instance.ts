/**
 * One instance on this machine: starting, then ready, then ending, then ended.
 *
 * It owns the unit, the conversation with the runtime and the timers; what starts it and what it executes is decided
 * elsewhere.
 *
 * Invariants (cited by the tests):
 *   L1  the listener hears `ready` at most once, then `ended` exactly once, and nothing after that
 *   L2  every invocation gets exactly one outcome, never before `invoke` returns and never after `ended`
 *   L3  what an invocation wrote is logged before its outcome
 *   L4  no timer is left when it has ended
 */
import {
  type Clock,
  type ErrorReport,
  FrugalError,
  largest,
  minus,
  plus,
  type Seconds,
  seconds,
} from "@frugal/core";
import type { LanguageRuntime, RuntimeListener, RuntimeSession } from "../runtime/language-runtime.ts";
import type {
  Instance,
  InstanceEnd,
  InstanceListener,
  InstanceSpec,
  InvokeOutcome,
  InvokeRequest,
} from "../sandbox.ts";
import type { Unit, UnitExit } from "../unit/unit.ts";
import {
  endedByItself,
  functionTimeout,
  hungUp,
  initFailed,
  initTimeout,
  lostBesideTimeout,
  stoppedWhileRunning,
  uncaught,
} from "./end-errors.ts";
import { FunctionOutput } from "./function-output.ts";
import { type RunningInvocation, RunningInvocations } from "./running-invocations.ts";

/** How long a process that ended, or hung up, may take to say the rest. */
const GRACE = seconds(1);

/** How far a start has come. */
interface StartTimes {
  /** How long the launch took. */
  launch: Seconds | undefined;
  /** On the clock. */
  started: Seconds | undefined;
  loaded: Seconds | undefined;
}

type State =
  | { readonly kind: "starting"; readonly begun: Seconds; readonly times: StartTimes }
  | { readonly kind: "ready" }
  /** Killed; its exit will be reported as `end`. */
  | { readonly kind: "ending"; readonly end: InstanceEnd }
  | { readonly kind: "ended" };

/** What an instance is made of. */
export interface InstanceParts {
  readonly spec: InstanceSpec;
  readonly unit: Unit;
  readonly runtime: LanguageRuntime;
  readonly clock: Clock;
  /** When the start began, before the unit was launched. */
  readonly begun: Seconds;
  readonly listener: InstanceListener;
}

const nothing = (): void => undefined;

export class LocalInstance implements Instance {
  readonly #spec: InstanceSpec;
  readonly #unit: Unit;
  readonly #runtime: LanguageRuntime;
  readonly #clock: Clock;
  readonly #listener: InstanceListener;
  readonly #session: RuntimeSession;
  readonly #output: FunctionOutput;
  readonly #running = new RunningInvocations();
  #state: State;
  /** Of the start's timeout, later of the earliest deadline. */
  #cancelTimeout = nothing;
  #cancelGrace = nothing;
  #deliveryScheduled = false;
  #hasExited = false;

  constructor({ spec, unit, runtime, clock, begun, listener }: InstanceParts) {
    this.#spec = spec;
    this.#unit = unit;
    this.#runtime = runtime;
    this.#clock = clock;
    this.#listener = listener;
    const times = { launch: undefined, started: undefined, loaded: undefined };
    this.#state = { kind: "starting", begun, times };
    this.#output = new FunctionOutput(unit, listener, this.#running);
    this.#session = runtime.connect(unit, spec, this.#runtimeListener());
    this.#cancelTimeout = clock.at(plus(begun, spec.initTimeout), () =>
      this.#kill({ kind: "start-failed", error: initTimeout(spec) }),
    );
    unit.launched.then((time) => this.#progress("launch", time), nothing);
    void unit.exited.then((exit) => this.#exited(exit));
  }

  invoke(request: InvokeRequest, done: (outcome: InvokeOutcome) => void): void {
    if (this.#running.count >= this.#spec.concurrency) {
      throw new FrugalError(
        "internal",
        `Instance ${this.#spec.id} executes ${this.#running.count} invocations already`,
      );
    }
    if (this.#state.kind !== "ready" || this.#hasExited) {
      const error = stoppedWhileRunning(this.#spec);
      queueMicrotask(() => done({ kind: "lost", error }));
      return;
    }
    if (this.#running.count === 0) this.#output.beginInvocation();
    const deadline = plus(this.#clock.now(), this.#spec.invokeTimeout);
    const invocation = this.#running.add(request.requestId, deadline, done);
    if (this.#cancelTimeout === nothing) this.#awaitDeadline(deadline);
    this.#session.invoke(invocation.number, request, this.#spec.invokeTimeout);
  }

  stop(): void {
    this.#running.lose(() => stoppedWhileRunning(this.#spec));
    this.#kill({ kind: "stopped" });
  }

  cpuTime(): Seconds | undefined {
    return this.#unit.cpuTime();
  }

  #runtimeListener(): RuntimeListener {
    const spec = this.#spec;
    return {
      started: (age) => this.#progress("started", minus(this.#clock.now(), age)),
      ready: (age) => this.#progress("loaded", minus(this.#clock.now(), age)),
      initFailed: (error) => {
        if (this.#state.kind === "starting") {
          this.#kill({ kind: "start-failed", error: initFailed(spec, error) });
        }
      },
      succeeded: (number, payload, cpu) => this.#settle(number, { kind: "success", payload, cpu }),
      failed: (number, error, cpu) => this.#settle(number, { kind: "function-error", error, cpu }),
      uncaught: (number, error) => this.#uncaught(number, uncaught(spec, error)),
      wrote: (number, stream, bytes) => this.#output.wrote(this.#running.get(number), stream, bytes),
      dropped: (number, count) => this.#output.dropped(this.#running.get(number), count),
      hungUp: () => {
        // A process that exits hangs up a moment earlier; only one that stays has done it on purpose.
        const isExpected = this.#hasExited || this.#state.kind === "ending";
        if (!isExpected) this.#startGrace(() => this.#fail(hungUp(spec)));
      },
      broken: (error) => this.#fail(error),
    };
  }

  #progress(step: keyof StartTimes, time: Seconds): void {
    if (this.#state.kind !== "starting") return;
    const { begun, times } = this.#state;
    times[step] ??= time;
    if (times.launch === undefined || times.loaded === undefined) return;
    const unit = times.launch;
    const unitEnd = plus(begun, unit);
    const started = times.started ?? unitEnd;
    this.#state = { kind: "ready" };
    this.#clearTimeout();
    this.#listener.ready({
      unit,
      runtime: largest(seconds(0), minus(started, unitEnd)),
      init: largest(seconds(0), minus(times.loaded, largest(started, unitEnd))),
    });
  }

  #settle(number: number, outcome: InvokeOutcome): void {
    const invocation = this.#running.get(number);
    if (invocation !== undefined && this.#running.decide(invocation, outcome)) this.#deliverSoon();
  }

  /** Outcomes are told at the end of the event loop's turn: output that came before one is read by then (L3). */
  #deliverSoon(): void {
    if (this.#deliveryScheduled) return;
    this.#deliveryScheduled = true;
    setImmediate(this.#deliver);
  }

  readonly #deliver = (): void => {
    this.#deliveryScheduled = false;
    this.#running.deliver(this.#endOutput);
  };

  readonly #endOutput = (invocation: RunningInvocation): void => this.#output.endInvocation(invocation);

  /** One timer for all: it runs until the earliest deadline of when it was set, and is then set for the next. */
  #awaitDeadline(deadline: Seconds): void {
    this.#cancelTimeout = this.#clock.at(deadline, () => {
      this.#cancelTimeout = nothing;
      this.#deliver();
      const oldest = this.#running.oldest;
      if (oldest === undefined) return;
      if (oldest.deadline > this.#clock.now()) {
        this.#awaitDeadline(oldest.deadline);
        return;
      }
      this.#running.lose((invocation) =>
        invocation === oldest ? functionTimeout(this.#spec) : lostBesideTimeout(this.#spec),
      );
      this.#kill({ kind: "lost", error: functionTimeout(this.#spec) });
    });
  }

  /** The instance is of no use any more because of `error`. */
  #fail(error: ErrorReport): void {
    this.#running.lose(() => error);
    this.#kill(this.#state.kind === "starting" ? { kind: "start-failed", error } : { kind: "lost", error });
  }

  /** The process is about to exit by itself, and has a moment for it; no new invocation may come in between. */
  #uncaught(number: number, error: ErrorReport): void {
    const invocation = this.#running.get(number);
    if (invocation === undefined) return;
    this.#running.decide(invocation, { kind: "lost", error });
    if (this.#state.kind !== "ready") return;
    this.#state = { kind: "ending", end: { kind: "lost", error } };
    this.#clearTimeout();
    this.#startGrace(() => this.#unit.kill());
    this.#deliverSoon();
  }

  #kill(end: InstanceEnd): void {
    if (this.#state.kind === "ended") return;
    if (this.#state.kind !== "ending") this.#state = { kind: "ending", end };
    this.#clearTimeout();
    this.#unit.kill();
    this.#deliverSoon();
  }

  async #exited(exit: UnitExit): Promise<void> {
    this.#hasExited = true;
    const drained = Promise.all([this.#session.drained(), this.#output.drained()]);
    const patience = new Promise<void>((resolve) => this.#startGrace(resolve));
    await Promise.race([drained, patience]);
    const end = this.#endOf(exit);
    this.#state = { kind: "ended" };
    this.#clearTimeout();
    this.#cancelGrace();
    if (end.kind !== "stopped") this.#running.lose(() => end.error);
    this.#deliver();
    this.#session.close();
    this.#output.close();
    this.#listener.ended(end);
  }

  #endOf(exit: UnitExit): InstanceEnd {
    if (this.#state.kind === "ending") return this.#state.end;
    const isStarting = this.#state.kind === "starting";
    const moment = isStarting ? "initialisation" : this.#running.count > 0 ? "invocation" : "idle";
    const mark = this.#runtime.outOfMemoryMark;
    const ranOutOfMemory = mark !== undefined && this.#output.errorTail.includes(mark);
    const error = endedByItself(this.#spec, ranOutOfMemory ? { kind: "out-of-memory" } : exit, moment);
    return isStarting ? { kind: "start-failed", error } : { kind: "lost", error };
  }

  #startGrace(action: () => void): void {
    this.#cancelGrace();
    this.#cancelGrace = this.#clock.at(plus(this.#clock.now(), GRACE), action);
  }

  #clearTimeout(): void {
    this.#cancelTimeout();
    this.#cancelTimeout = nothing;
  }
}
