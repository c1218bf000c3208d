/**
 * An instance that is started in the way that was asked for or, where that fails through no fault of the function, in the
 * next best: prefetch, eager, boot phase, boot. Whoever started it sees one instance.
 *
 * Invariants (cited by the tests):
 *   R1  the listener hears `ready` at most once, then `ended` exactly once, as of an instance that was just booted
 *   R2  what a failed attempt held is released before the next one is made
 *   R3  a boot that was asked for begins at once; a restore never makes it impossible
 */
import {
  type Clock,
  FrugalError,
  messageOf,
  minus,
  plus,
  type Seconds,
  seconds,
  type StartKind,
  type StartWish,
} from "@frugal/core";
import type { LanguageRuntime } from "../runtime/language-runtime.ts";
import type { InstanceSpec } from "../instance-spec.ts";
import type { Instance, InstanceEnd, InstanceListener, InvokeOutcome, InvokeRequest } from "../sandbox.ts";
import type { HostSnapshots, PreparedStart } from "../snapshot/host-snapshots.ts";
import type { RestoreKind } from "../snapshot/restore/restore.ts";
import type { Unit, UnitFactory } from "../unit/unit.ts";
import { stoppedWhileRunning, unitFailed } from "./end-errors.ts";
import { LocalInstance, type Origin } from "./local-instance.ts";

/** What is tried after a kind of start has failed. */
const nextBest: Readonly<Record<RestoreKind, StartKind>> = {
  prefetch: "eager",
  lazy: "eager",
  eager: "phase",
  phase: "boot",
};

export interface LadderParts {
  readonly spec: InstanceSpec;
  readonly wish: StartWish;
  readonly listener: InstanceListener;
  readonly clock: Clock;
  readonly runtime: LanguageRuntime;
  readonly units: UnitFactory;
  readonly snapshots: Pick<HostSnapshots, "prepare" | "booted" | "restored" | "failed"> | undefined;
}

export class StartLadder implements Instance {
  readonly #parts: LadderParts;
  readonly #begun: Seconds;
  #instance: LocalInstance | undefined;
  #prepared: PreparedStart | undefined;
  #kind: StartKind;
  /** When the present attempt began. */
  #attemptBegun: Seconds;
  /** What it took, without those before. */
  #latency: Seconds | undefined;
  /** CPU time of the attempts before. */
  #earlierCpu = seconds(0);
  #isStopped = false;
  #isFirst = true;
  #learning: Promise<void> | undefined;

  constructor(parts: LadderParts) {
    this.#parts = parts;
    this.#begun = parts.clock.now();
    this.#attemptBegun = this.#begun;
    this.#kind = parts.wish.kind;
    this.#attempt();
  }

  invoke(request: InvokeRequest, done: (outcome: InvokeOutcome) => void): void {
    const instance = this.#instance;
    if (instance === undefined) {
      const error = stoppedWhileRunning(this.#parts.spec);
      queueMicrotask(() => done({ kind: "lost", error }));
    } else if (this.#isFirst && this.#prepared !== undefined) {
      this.#isFirst = false;
      instance.invoke(request, (outcome) => {
        this.#learning = this.#learn().finally(() => (this.#learning = undefined));
        done(outcome);
      });
    } else instance.invoke(request, done);
  }

  /** What the first invocation has touched is learnt before: with the unit, the pager forgets it. That takes a moment. */
  stop(): void {
    this.#isStopped = true;
    const instance = this.#instance;
    if (this.#learning === undefined) instance?.stop();
    else void this.#learning.then(() => instance?.stop());
  }

  /** Of all attempts, also after the end. */
  cpuTime(): Seconds | undefined {
    const present = this.#instance?.cpuTime();
    return present === undefined ? undefined : plus(this.#earlierCpu, present);
  }

  perfFolder(): string | undefined {
    return this.#instance?.perfFolder();
  }

  #attempt(): void {
    const kind = this.#kind;
    this.#attemptBegun = this.#parts.clock.now();
    if (kind === "boot") this.#boot();
    else void this.#restore(kind);
  }

  #boot(): void {
    const { spec, runtime, units, wish } = this.#parts;
    try {
      this.#start(units.launch(runtime.plan(spec, units.isolation), wish.pooled), { kind: "boot" });
    } catch (error) {
      const report = error instanceof FrugalError ? error.toReport() : unitFailed(spec, messageOf(error));
      queueMicrotask(() => this.#end({ kind: "start-failed", error: report }));
    }
  }

  async #restore(kind: RestoreKind): Promise<void> {
    const { spec, runtime, units, wish, snapshots } = this.#parts;
    try {
      if (snapshots === undefined) throw new FrugalError("snapshot-unusable", "this host makes no snapshots");
      this.#prepared = await snapshots.prepare(spec, kind, wish.pooled);
      if (this.#isStopped) {
        await this.#release();
        this.#end({ kind: "stopped" });
        return;
      }
      const { environment } = runtime.plan(spec, units.isolation);
      this.#start(units.launch(this.#prepared.plan, wish.pooled), {
        kind: "snapshot",
        isPhase: kind === "phase",
        environment,
      });
    } catch (error) {
      await this.#release();
      this.#climbDown(kind, messageOf(error));
    }
  }

  #start(unit: Unit, origin: Origin): void {
    const { spec, runtime, clock, listener } = this.#parts;
    const instance = new LocalInstance({
      spec,
      unit,
      runtime,
      clock,
      origin,
      begun: this.#begun,
      listener: {
        ready: (phases) => {
          this.#latency = minus(clock.now(), this.#attemptBegun);
          this.#note(this.#latency);
          listener.ready({ kind: this.#kind, phases, cpu: this.cpuTime() });
        },
        log: (requestId, stream, text) => listener.log(requestId, stream, text),
        ended: (end, isSnapshotAtFault) => void this.#ended(end, isSnapshotAtFault),
      },
    });
    this.#instance = instance;
  }

  async #ended(end: InstanceEnd, isSnapshotAtFault: boolean): Promise<void> {
    const kind = this.#kind;
    const id = this.#prepared?.snapshot.id;
    if (this.#prepared !== undefined) await this.#release();
    if (kind !== "boot" && isSnapshotAtFault && end.kind === "start-failed" && !this.#isStopped) {
      const { code, message } = end.error;
      if (id !== undefined && code === "snapshot-unusable") await this.#parts.snapshots?.failed(id, message);
      this.#climbDown(kind, message);
    } else this.#end(this.#isStopped ? { kind: "stopped" } : end);
  }

  #climbDown(from: RestoreKind, reason: string): void {
    this.#earlierCpu = this.cpuTime() ?? this.#earlierCpu;
    this.#instance = undefined;
    if (this.#isStopped) {
      this.#end({ kind: "stopped" });
      return;
    }
    this.#kind = nextBest[from];
    this.#parts.listener.fellBack(from, this.#kind, reason);
    this.#attempt();
  }

  #note(latency: Seconds): void {
    const { snapshots, spec } = this.#parts;
    if (this.#kind === "boot") snapshots?.booted(spec.function, latency);
    else if (this.#prepared !== undefined)
      snapshots?.restored(this.#prepared.snapshot.id, spec.function, latency);
  }

  async #learn(): Promise<void> {
    const prepared = this.#prepared;
    const kind = this.#kind;
    if (prepared === undefined || kind === "boot" || this.#latency === undefined) return;
    const touched = await prepared.restore.learn();
    prepared.snapshot.started(
      kind,
      { latency: this.#latency, cpu: undefined, memory: undefined },
      {
        kind,
        isPooled: this.#parts.wish.pooled,
        latency: this.#latency,
        faults: touched?.faults,
        prefetched: kind === "prefetch" ? (prepared.snapshot.workingSetPages?.count ?? 0) : 0,
      },
    );
  }

  async #release(): Promise<void> {
    const prepared = this.#prepared;
    this.#prepared = undefined;
    await prepared?.restore.release();
  }

  #end(end: InstanceEnd): void {
    this.#parts.listener.ended(end);
  }
}
