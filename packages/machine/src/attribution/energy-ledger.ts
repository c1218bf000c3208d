/**
 * Energy ledger: who caused the machine's joules since the platform started. It is given one sample per interval and keeps the
 * sums; it reads no sensor and no clock.
 *
 * CPU times of samples without a reading are kept and used when the meter's next amount covers their interval too.
 *
 * Invariants (cited by the tests; I6 of the design):
 *   L1  functions (with the retired ones) + static + other processes = the machine's total, to a relative 1e-9
 *   L2  no sum is negative, none ever falls
 *   L3  no reading is invented: time that no amount covers is `missing`, not zero joules; before the first amount every figure
 *       is unavailable
 */
import {
  type EnergyAmount,
  type EnergyQuality,
  type EnergyReading,
  type EnergyUnavailable,
  energyOf,
  type FunctionName,
  joules,
  type Joules,
  minus,
  plus,
  powerOf,
  qualityOfShare,
  ratio,
  type Seconds,
  seconds,
} from "@frugal/core";
import type { PowerModel } from "../energy/energy-meter.ts";
import { type CpuShares, splitEnergy } from "./energy-split.ts";
import { IdlePower } from "./idle-power.ts";

export interface EnergySample {
  /** Time since the previous sample, whether or not the meter could be read. */
  readonly elapsed: Seconds;
  readonly reading: EnergyReading;
  /** CPU times since the previous sample. */
  readonly cpu: CpuShares;
}

export interface LedgerOptions {
  /** Hardware threads of the machine. */
  readonly threads: number;
  /** What the meter knows of the machine's power; its idle power is then exact. */
  readonly powerModel?: PowerModel | undefined;
  /** For meters that know nothing: a model whose share of rest corrects the lowest power seen. */
  readonly idleModel?: PowerModel | undefined;
}

/** The machine's energy so far; the parts add up to `total` (L1). */
export interface EnergyTotals {
  readonly total: EnergyReading;
  readonly functions: Joules;
  readonly static: Joules;
  readonly otherProcesses: Joules;
  /** Time covered by amounts. */
  readonly covered: Seconds;
  /** Time that no amount covers (L3). */
  readonly missing: Seconds;
  /** Where the static part comes from, for people. */
  readonly staticBasis: string;
}

const rank: Readonly<Record<EnergyQuality, number>> = { measured: 0, attributed: 1, estimated: 2 };
/** What an interval's weight in the price of CPU time shrinks to with each later one. */
const PRICE_MEMORY = 0.8;
const noCpu: CpuShares = { machine: seconds(0), platform: seconds(0), functions: new Map() };

export class EnergyLedger {
  readonly #powerModel: PowerModel | undefined;
  readonly #threads: number;
  readonly #idlePower: IdlePower;
  readonly #functions = new Map<FunctionName, Joules>();
  #retired = joules(0);
  #static = joules(0);
  #otherProcesses = joules(0);
  #sum = joules(0);
  #covered = seconds(0);
  #elapsed = seconds(0);
  #pending: CpuShares = noCpu;
  /** The amount of the worst quality so far: the sums are no better than it. */
  #worst: EnergyAmount | undefined;
  #lastReason = "nothing has been metered yet";
  /** Dynamic joules and CPU seconds of the latest intervals, older ones counting less. */
  #recent = { joules: 0, cpuSeconds: 0 };

  constructor({ threads, powerModel, idleModel }: LedgerOptions) {
    this.#threads = threads;
    this.#powerModel = powerModel;
    this.#idlePower = new IdlePower(threads, idleModel);
  }

  record({ elapsed, reading, cpu }: EnergySample): void {
    this.#elapsed = plus(this.#elapsed, elapsed);
    this.#pending = added(this.#pending, cpu);
    if (reading.kind === "unavailable") {
      this.#lastReason = reading.reason;
      return;
    }
    if (this.#worst === undefined || rank[reading.quality] > rank[this.#worst.quality]) this.#worst = reading;
    // An amount that covers no time starts the meter anew: what ran before it is covered by no amount.
    if (reading.interval > 0) this.#book(reading, this.#pending);
    this.#pending = noCpu;
  }

  /** Moves what `name` caused to the retired functions, and forgets the name. The sums stay (L1). */
  retire(name: FunctionName): void {
    this.#retired = plus(this.#retired, this.#functions.get(name) ?? joules(0));
    this.#functions.delete(name);
  }

  totals(): EnergyTotals {
    let functions = this.#retired;
    for (const energy of this.#functions.values()) functions = plus(functions, energy);
    const missing = minus(this.#elapsed, this.#covered);
    return {
      total: this.#total(),
      functions,
      static: this.#static,
      otherProcesses: this.#otherProcesses,
      covered: this.#covered,
      missing: missing > 0 ? missing : seconds(0),
      staticBasis: this.#powerModel === undefined ? this.#idlePower.basis : "idle power of the model",
    };
  }

  /** What `name` caused, its part of the platform's own work included. */
  of(name: FunctionName): EnergyReading {
    if (this.#worst === undefined || !(this.#covered > 0)) return this.#unavailable();
    return this.#share(this.#worst, this.#functions.get(name) ?? joules(0), this.#covered);
  }

  /**
   * Joules that a second of CPU time costs, without rest: the model's where the meter is one, else the average of the latest few
   * intervals; undefined before any with CPU time.
   */
  marginalJoulesPerCpuSecond(): number | undefined {
    if (this.#powerModel !== undefined) return this.#powerModel.perBusyThread;
    const { joules: energy, cpuSeconds } = this.#recent;
    return cpuSeconds > 0 ? energy / cpuSeconds : undefined;
  }

  /** What one invocation caused that used `cpu` within `duration`, at the latest price of CPU time. It is in no sum. */
  invocation(cpu: Seconds | undefined, duration: Seconds): EnergyReading {
    if (this.#worst === undefined) return this.#unavailable();
    if (cpu === undefined) return { kind: "unavailable", reason: "the invocation's CPU time is not known" };
    const price = this.marginalJoulesPerCpuSecond();
    if (price === undefined) {
      return { kind: "unavailable", reason: "no interval with any CPU time has been metered yet" };
    }
    return this.#share(this.#worst, joules(price * cpu), duration);
  }

  #book(reading: EnergyAmount, cpu: CpuShares): void {
    const atRest = this.#staticPower(reading, cpu);
    const split = splitEnergy(reading.joules, atRest, cpu);
    for (const [name, energy] of split.functions) {
      this.#functions.set(name, plus(this.#functions.get(name) ?? joules(0), energy));
    }
    this.#static = plus(this.#static, split.static);
    this.#otherProcesses = plus(this.#otherProcesses, split.otherProcesses);
    this.#sum = plus(this.#sum, reading.joules);
    this.#covered = plus(this.#covered, reading.interval);
    this.#recent = {
      joules: this.#recent.joules * PRICE_MEMORY + split.dynamic,
      cpuSeconds: this.#recent.cpuSeconds * PRICE_MEMORY + split.busy,
    };
  }

  #staticPower(reading: EnergyAmount, cpu: CpuShares): Joules {
    const { interval } = reading;
    if (this.#powerModel !== undefined) return energyOf(this.#powerModel.idle, interval);
    const use = ratio(Math.min(1, cpu.machine / (this.#threads * interval)));
    this.#idlePower.observe(powerOf(reading.joules, interval), use, interval);
    const idle = this.#idlePower.estimate;
    return idle === undefined ? reading.joules : energyOf(idle, interval);
  }

  #share(whole: EnergyAmount, energy: Joules, interval: Seconds): EnergyAmount {
    return {
      kind: "energy",
      joules: energy,
      source: whole.source,
      quality: qualityOfShare(whole.quality),
      interval,
      detail: `share by CPU time of ${whole.detail}`,
    };
  }

  #total(): EnergyReading {
    if (this.#worst === undefined || !(this.#covered > 0)) return this.#unavailable();
    return { ...this.#worst, joules: this.#sum, interval: this.#covered };
  }

  #unavailable(): EnergyUnavailable {
    return { kind: "unavailable", reason: this.#lastReason };
  }
}

function added(a: CpuShares, b: CpuShares): CpuShares {
  if (a === noCpu) return b;
  const functions = new Map(a.functions);
  for (const [name, time] of b.functions) functions.set(name, plus(functions.get(name) ?? seconds(0), time));
  return { machine: plus(a.machine, b.machine), platform: plus(a.platform, b.platform), functions };
}
