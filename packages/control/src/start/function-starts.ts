/**
 * What is known of one function's starts: which kinds each machine offers, and what each kind took.
 *
 * Figures are the function's own, over all machines: measured as its instances became ready, before that as the shell
 * offered them, before that by a rule of thumb. `boot` is to be had everywhere; what else there is, is of one revision.
 */
import {
  type Bytes,
  type Cores,
  scaled,
  type Seconds,
  seconds,
  type SnapshotMode,
  type StartKind,
  type StartOffer,
} from "@frugal/core";
import { Estimate } from "../estimate.ts";
import type { Machine } from "../route/machine.ts";
import type { StartPrediction } from "./start-policy/start-policy.ts";

/** What an unmeasured boot is taken to last. */
const USUAL_BOOT = seconds(0.5);
/** Until an invocation was seen to its end, it is taken to last this long. */
const USUAL_SERVICE = seconds(0.1);

/**
 * An unmeasured kind's share of the boot's latency. Restores of Node and Python functions with a warm page cache took 0.2
 * to 0.9 of their boots with all pages, 0.1 to 0.85 with the working set ahead; a boot phase saves the runtime's share.
 */
const shareOfBoot: Readonly<Record<StartKind, number>> = {
  boot: 1,
  phase: 0.6,
  eager: 0.4,
  lazy: 0.5,
  prefetch: 0.3,
};

/** Kinds that a policy may choose from where they are offered. */
const allowed: Readonly<Record<SnapshotMode, readonly StartKind[]>> = {
  off: ["boot"],
  eager: ["boot", "phase", "eager"],
  prefetch: ["boot", "phase", "eager", "prefetch"],
};

const bootOnly: readonly StartKind[] = ["boot"];

class StartFigures {
  readonly latency = new Estimate<"s">();
  readonly cpu = new Estimate<"s">();
  readonly memory = new Estimate<"B">();
  /** Of the first invocation of an instance that was started so. */
  readonly service = new Estimate<"s">();
  /** Starts of this kind that were asked for. */
  trials = 0;
}

/** What the function demands, as far as predictions depend on it. */
interface Limits {
  readonly memory: Bytes;
  readonly cores: Cores;
}

export class FunctionStarts {
  readonly #figures = new Map<StartKind, StartFigures>();
  readonly #offered = new Map<Machine, readonly StartKind[]>();
  /** Starts that were asked for, of all kinds. */
  count = 0;

  /** Replaces what the machine offers. */
  offer(machine: Machine, offers: readonly StartOffer[], mode: SnapshotMode): void {
    for (const { kind, latency, cpu, memory } of offers) {
      const figures = this.#figuresOf(kind);
      figures.latency.seed(latency);
      figures.cpu.seed(cpu);
      figures.memory.seed(memory);
    }
    const kinds = allowed[mode].filter((kind) => kind === "boot" || offers.some((o) => o.kind === kind));
    if (machine.capacity.snapshots && kinds.length > 1) this.#offered.set(machine, kinds);
    else this.#offered.delete(machine);
  }

  /** A new revision: its snapshots are still to be made, and each kind is to be tried again. */
  reset(): void {
    this.#offered.clear();
    for (const figures of this.#figures.values()) figures.trials = 0;
    this.count = 0;
  }

  /** Kinds that a policy may choose on `machine`; always with `boot`. */
  kindsOn(machine: Machine): readonly StartKind[] {
    return this.#offered.get(machine) ?? bootOnly;
  }

  /** Kinds that a policy may choose on some machine. */
  get kinds(): readonly StartKind[] {
    let kinds = bootOnly;
    for (const offered of this.#offered.values()) {
      kinds = kinds === bootOnly ? offered : [...new Set([...kinds, ...offered])];
    }
    return kinds;
  }

  /** Whether the machine offers a restore of the function's own snapshot. */
  hasSnapshotOn(machine: Machine): boolean {
    return this.kindsOn(machine).some((kind) => kind === "eager" || kind === "prefetch");
  }

  /** A start of this kind is asked for. */
  begin(kind: StartKind): void {
    this.count++;
    this.#figuresOf(kind).trials++;
  }

  observe(kind: StartKind, latency: Seconds, cpu: Seconds | undefined, memory: Bytes | undefined): void {
    const figures = this.#figuresOf(kind);
    figures.latency.observe(latency);
    if (cpu !== undefined) figures.cpu.observe(cpu);
    if (memory !== undefined) figures.memory.observe(memory);
  }

  /** The first invocation of an instance that was started so took `duration`. */
  observeFirst(kind: StartKind, duration: Seconds): void {
    this.#figuresOf(kind).service.observe(duration);
  }

  /** `service`: what an invocation takes that is not the first of its instance, if known. */
  predict(kind: StartKind, limits: Limits, service: Seconds | undefined): StartPrediction {
    const figures = this.#figures.get(kind);
    const latency = figures?.latency.value ?? scaled(this.#bootLatency, shareOfBoot[kind]);
    return {
      kind,
      latency,
      service: figures?.service.value ?? this.#slowestFirst ?? service ?? USUAL_SERVICE,
      cpu: figures?.cpu.value ?? scaled(latency, Math.min(1, limits.cores)),
      memory: figures?.memory.value ?? this.#largestMemory ?? limits.memory,
      isMeasured: figures?.latency.value !== undefined,
      trials: figures?.trials ?? 0,
    };
  }

  get #bootLatency(): Seconds {
    return this.#figures.get("boot")?.latency.value ?? USUAL_BOOT;
  }

  /** The slowest first invocation of any kind: what is not known of a kind is not taken for an advantage. */
  get #slowestFirst(): Seconds | undefined {
    let slowest: Seconds | undefined;
    for (const { service } of this.#figures.values()) {
      if (service.value !== undefined && (slowest === undefined || service.value > slowest))
        slowest = service.value;
    }
    return slowest;
  }

  get #largestMemory(): Bytes | undefined {
    let largest: Bytes | undefined;
    for (const { memory } of this.#figures.values()) {
      if (memory.value !== undefined && (largest === undefined || memory.value > largest))
        largest = memory.value;
    }
    return largest;
  }

  #figuresOf(kind: StartKind): StartFigures {
    let figures = this.#figures.get(kind);
    if (figures === undefined) {
      figures = new StartFigures();
      this.#figures.set(kind, figures);
    }
    return figures;
  }
}
