/**
 * What one event came to over all places of a target, between two snapshots.
 */
import { type Ratio, ratio, type Seconds } from "@frugal/core";
import type { CounterAmount } from "../counter-port.ts";
import { ENABLED, RUNNING } from "./perf-group.ts";

/** A 64-bit counter may have wrapped, once. */
const difference = (before: BigUint64Array, after: BigUint64Array, index: number): number =>
  Number(BigInt.asUintN(64, (after[index] ?? 0n) - (before[index] ?? 0n)));

/** Clocks of the kernel and of the snapshots differ a little; a switch of processes is not seen by both at once. */
const CLOCK_TOLERANCE = 1.1;
const CLOCK_TOLERANCE_NANOSECONDS = 10e6;

export class PerfSum {
  readonly #isHardware: boolean;
  readonly #unit: number;
  #counts = 0;
  #enabled = 0;
  #running = 0;
  #problem: string | undefined;

  /** `unit` is what one count is. */
  constructor(isHardware: boolean, unit: number) {
    this.#isHardware = isHardware;
    this.#unit = unit;
  }

  /** It was not counted at some place, so the sum is not known (C1). */
  fail(reason: string): void {
    this.#problem ??= reason;
  }

  /**
   * Adds a place; `index` is where its registers have the count, and `longest` the longest time for which anything can have
   * run there, where that is known.
   */
  add(before: BigUint64Array, after: BigUint64Array, index: number, longest: Seconds | undefined): void {
    const counts = difference(before, after, index);
    // The kernel counts as long as the target runs, and shares nothing out.
    if (!this.#isHardware) {
      this.#counts += counts;
      return;
    }
    const enabled = difference(before, after, ENABLED);
    const running = difference(before, after, RUNNING);
    if (enabled === 0) return;
    if (running === 0) {
      this.fail("all of the processor's counters were taken by others");
    } else if (
      longest !== undefined &&
      enabled > longest * 1e9 * CLOCK_TOLERANCE + CLOCK_TOLERANCE_NANOSECONDS
    ) {
      // Linux 6.18 was seen to begin such a time with the boot of the host.
      this.fail("the kernel tells of more time than has passed");
    } else {
      this.#counts += counts * (enabled / running);
      this.#enabled += enabled;
      this.#running += running;
    }
  }

  get amount(): CounterAmount {
    if (this.#problem !== undefined) return { kind: "unavailable", reason: this.#problem };
    return { kind: "counted", amount: this.#counts * this.#unit, share: this.#share };
  }

  get #share(): Ratio {
    return ratio(this.#enabled === 0 ? 1 : this.#running / this.#enabled);
  }
}
