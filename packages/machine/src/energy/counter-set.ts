/**
 * Several energy counters read as one: the sum of what they counted since the previous reading, or why it is not known.
 *
 * A sum with a part missing would look like a drop in power, so one failing counter makes the whole reading unavailable.
 * Three things that a bare difference would hide are refused:
 *   - a gap so long that a counter may have wrapped twice;
 *   - a jump above any processor's power, as after a reset that looks like a wrap-around;
 *   - a processor's counter that stands still, as some hypervisors show it.
 */
import {
  type EnergyUnavailable,
  energyOf,
  type Joules,
  joules,
  joulesFromMicrojoules,
  minus,
  plus,
  type Seconds,
  seconds,
  watts,
} from "@frugal/core";
import { PseudoFile } from "../host/pseudo-file.ts";
import { counterDelta, type EnergyCounter, parseCounter } from "./energy-counter.ts";
import type { MonotonicClock } from "./energy-meter.ts";

/** One counter file in microjoules. */
export interface CounterSource {
  /** For people: `package-0`. */
  readonly name: string;
  readonly path: string;
  /** Microjoules; 0 where unknown. */
  readonly wrapsAt: bigint;
  /** Whether a counter that stands still must be broken. */
  readonly alwaysDraws: boolean;
}

export type CounterReading =
  { readonly kind: "counted"; readonly energy: Joules; readonly interval: Seconds } | EnergyUnavailable;

/** Above what any socket or its memory draws, even for a moment. */
const HIGHEST_POWER = watts(2000);
/** RAPL adds to its counters about once a millisecond; a short interval may catch the energy of a longer one. */
const UPDATE_JITTER = seconds(0.1);
/** No processor draws nothing for this long. */
const LONGEST_STANDSTILL = seconds(1);

export class CounterSet {
  readonly #sources: readonly CounterSource[];
  readonly #files: readonly PseudoFile[];
  readonly #clock: MonotonicClock;
  #before: { readonly time: Seconds; readonly counters: readonly EnergyCounter[] } | undefined;

  constructor(sources: readonly CounterSource[], clock: MonotonicClock) {
    this.#sources = sources;
    this.#files = sources.map((source) => new PseudoFile(source.path));
    this.#clock = clock;
  }

  /** Why the counters cannot be read now, or undefined where they can. */
  problem(): string | undefined {
    const counters = this.#read();
    return typeof counters === "string" ? counters : undefined;
  }

  measure(): CounterReading {
    const time = this.#clock.now();
    const counters = this.#read();
    if (typeof counters === "string") return { kind: "unavailable", reason: counters };
    const before = this.#before;
    const interval = before === undefined ? seconds(0) : minus(time, before.time);
    if (before === undefined || interval > 0) this.#before = { time, counters };
    if (before === undefined || !(interval > 0))
      return { kind: "counted", energy: joules(0), interval: seconds(0) };
    return this.#counted(before.counters, counters, interval);
  }

  close(): void {
    for (const file of this.#files) file.close();
  }

  #counted(
    before: readonly EnergyCounter[],
    after: readonly EnergyCounter[],
    interval: Seconds,
  ): CounterReading {
    let sum = joules(0);
    for (const [i, source] of this.#sources.entries()) {
      const from = before[i];
      const to = after[i];
      if (from === undefined || to === undefined) continue;
      const delta = counterDelta(from, to);
      if (delta.kind === "reset") {
        return { kind: "unavailable", reason: `The energy counter of ${source.name} was reset` };
      }
      const problem = implausible(source, delta.energy, interval);
      if (problem !== undefined) return { kind: "unavailable", reason: problem };
      sum = plus(sum, delta.energy);
    }
    return { kind: "counted", energy: sum, interval };
  }

  #read(): readonly EnergyCounter[] | string {
    const counters: EnergyCounter[] = [];
    for (const [i, source] of this.#sources.entries()) {
      const read = this.#files[i]?.read();
      if (read?.kind !== "text")
        return `Cannot read the energy counter of ${source.name}: ${read?.reason ?? source.path}`;
      const raw = parseCounter(read.text);
      if (raw === undefined) {
        return `The energy counter of ${source.name} is no number: ${source.path} has ${JSON.stringify(read.text)}`;
      }
      counters.push({ raw, wrapsAt: source.wrapsAt });
    }
    return counters;
  }
}

function implausible(source: CounterSource, energy: Joules, interval: Seconds): string | undefined {
  const most = energyOf(HIGHEST_POWER, plus(interval, UPDATE_JITTER));
  if (source.wrapsAt > 0n && most >= joulesFromMicrojoules(Number(source.wrapsAt))) {
    return `The energy counter of ${source.name} was not read for ${interval.toFixed(1)} s and may have wrapped more than once`;
  }
  if (energy > most) {
    return `The energy counter of ${source.name} jumped by ${energy.toFixed(0)} J in ${interval.toFixed(3)} s; it was probably reset`;
  }
  if (source.alwaysDraws && energy === 0 && interval >= LONGEST_STANDSTILL) {
    return `The energy counter of ${source.name} stood still for ${interval.toFixed(1)} s; a hypervisor may only pretend it`;
  }
  return undefined;
}
