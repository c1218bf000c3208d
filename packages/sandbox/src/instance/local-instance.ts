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
  type StartPhases,
} from "@frugal/core";
import type { LanguageRuntime, RuntimeListener, RuntimeSession } from "../runtime/language-runtime.ts";
import type { InstanceSpec } from "../instance-spec.ts";
import type { Instance, InstanceEnd, InstanceListener, InvokeOutcome, InvokeRequest } from "../sandbox.ts";
import type { Unit, UnitExit } from "../unit/unit.ts";
import {
  endedBefore,
  endedByItself,
  functionTimeout,
  hookFailed,
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
  /** On the clock: when the unit was made, and when its command or image ran. */
  made: Seconds | undefined;
  launched: Seconds | undefined;
  started: Seconds | undefined;
  loaded: Seconds | undefined;
}

/** What an instance starts from. */
export type Origin =
  | { readonly kind: "boot" }
  /** The function, or where `isPhase` only what it has in common with others; `environment` is the clone's own. */
  | {
      readonly kind: "snapshot";
      readonly isPhase: boolean;
      readonly environment: Readonly<Record<string, string>>;
    };

export interface LocalInstanceListener extends Pick<InstanceListener, "log"> {
  ready(phases: StartPhases): void;
  /** `isSnapshotAtFault`: another kind of start may succeed. */
  ended(end: InstanceEnd, isSnapshotAtFault: boolean): void;
}

type State =
  | { readonly kind: "starting"; readonly begun: Seconds; readonly times: StartTimes }
  | { readonly kind: "ready" }
  /** Killed; its exit will be reported as `end`. */
  | { readonly kind: "ending"; readonly end: InstanceEnd }
  | { readonly kind: "ended"; readonly end: InstanceEnd };

/** What an instance is made of. */
export interface InstanceParts {
  readonly spec: InstanceSpec;
  readonly unit: Unit;
  readonly runtime: LanguageRuntime;
  readonly clock: Clock;
  readonly origin: Origin;
  /** When the start began, before the unit was launched, and before earlier attempts. */
  readonly begun: Seconds;
  readonly listener: LocalInstanceListener;
}

const nothing = (): void => undefined;

export class LocalInstance implements Instance {
  readonly #spec: InstanceSpec;
  readonly #unit: Unit;
  readonly #runtime: LanguageRuntime;
  readonly #clock: Clock;
  readonly #origin: Origin;
  readonly #listener: LocalInstanceListener;
  readonly #session: RuntimeSession;
  readonly #output: FunctionOutput;
  readonly #running = new RunningInvocations();
  #state: State;
  /** Of the start's timeout, later of the earliest deadline. */
  #cancelTimeout = nothing;
  #cancelGrace = nothing;
  #deliveryScheduled = false;
  #hasExited = false;
  #isSnapshotAtFault: boolean;

  constructor({ spec, unit, runtime, clock, origin, begun, listener }: InstanceParts) {
    this.#spec = spec;
    this.#unit = unit;
    this.#runtime = runtime;
    this.#clock = clock;
    this.#origin = origin;
    this.#listener = listener;
    this.#isSnapshotAtFault = origin.kind === "snapshot";
    const times = { made: undefined, launched: undefined, started: undefined, loaded: undefined };
    this.#state = { kind: "starting", begun, times };
    this.#output = new FunctionOutput(unit, listener, this.#running);
    this.#session = runtime.connect(unit, spec, this.#runtimeListener());
    const launchBegun = clock.now();
    // Not since `begun`: attempts that came to nothing are no fault of the function.
    this.#cancelTimeout = clock.at(plus(launchBegun, spec.initTimeout), () =>
      this.#kill({ kind: "start-failed", error: initTimeout(spec) }),
    );
    unit.launched.then(({ made, launched }) => {
      this.#progress("made", plus(launchBegun, made));
      this.#progress("launched", plus(launchBegun, launched));
    }, nothing);
    // Waits in the channel until the clone runs.
    if (origin.kind === "snapshot") this.#session.resume(origin.environment);
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
      const isStopped = "end" in this.#state && this.#state.end.kind === "stopped";
      const error = (isStopped ? stoppedWhileRunning : endedBefore)(this.#spec);
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

  perfFolder(): string | undefined {
    return this.#unit.perfFolder();
  }

  #runtimeListener(): RuntimeListener {
    const spec = this.#spec;
    return {
      started: (age) => this.#progress("started", minus(this.#clock.now(), age)),
      ready: (age) => this.#progress("loaded", minus(this.#clock.now(), age)),
      initFailed: (error) => {
        if (this.#state.kind === "starting") {
          this.#isSnapshotAtFault = false;
          this.#kill({ kind: "start-failed", error: initFailed(spec, error) });
        }
      },
      succeeded: (number, payload, usage) => this.#settle(number, { kind: "success", payload, ...usage }),
      failed: (number, error, usage) => this.#settle(number, { kind: "function-error", error, ...usage }),
      uncaught: (number, error) => this.#uncaught(number, uncaught(spec, error)),
      wrote: (number, stream, bytes) => this.#output.wrote(this.#running.get(number), stream, bytes),
      dropped: (number, count) => this.#output.dropped(this.#running.get(number), count),
      hungUp: () => {
        // A process that exits hangs up a moment earlier; only one that stays has done it on purpose.
        const isExpected = this.#hasExited || this.#state.kind === "ending";
        if (!isExpected) this.#startGrace(() => this.#fail(hungUp(spec)));
      },
      broken: (error) => this.#fail(error),
      quiesced: nothing,
      resumed: (age) => this.#resumed(minus(this.#clock.now(), age)),
      hookFailed: (error) => this.#fail(hookFailed(spec, error)),
      loaded: nothing,
      loading: nothing,
    };
  }

  #resumed(time: Seconds): void {
    if (this.#origin.kind !== "snapshot") return;
    this.#progress("started", time);
    if (this.#origin.isPhase) this.#session.load({ environment: this.#origin.environment });
    else this.#progress("loaded", time);
  }

  #progress(step: keyof StartTimes, time: Seconds): void {
    if (this.#state.kind !== "starting") return;
    const { begun, times } = this.#state;
    times[step] ??= time;
    if (times.launched === undefined || times.loaded === undefined) return;
    this.#state = { kind: "ready" };
    this.#clearTimeout();
    this.#listener.ready(phasesOf(this.#origin, begun, times));
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
    this.#state = { kind: "ended", end };
    this.#clearTimeout();
    this.#cancelGrace();
    if (end.kind !== "stopped") this.#running.lose(() => end.error);
    this.#deliver();
    this.#session.close();
    this.#output.close();
    this.#listener.ended(end, end.kind === "start-failed" && this.#isSnapshotAtFault);
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

/** Moments on different clocks may cross by a little: no phase is shorter than nothing. */
const between = (from: Seconds, to: Seconds): Seconds => largest(seconds(0), minus(to, from));

function phasesOf(origin: Origin, begun: Seconds, times: StartTimes): StartPhases {
  const launched = times.launched ?? begun;
  const made = origin.kind === "boot" ? launched : (times.made ?? begun);
  const isLoaded = origin.kind === "snapshot" && !origin.isPhase;
  const started = isLoaded ? launched : largest(launched, times.started ?? launched);
  return {
    unit: between(begun, made),
    restore: between(made, launched),
    runtime: between(launched, started),
    init: between(started, times.loaded ?? started),
  };
}
