/**
 * Energy meter: a port to whatever tells how much energy this machine draws. Adapters: RAPL, hwmon, a model, none.
 *
 * Every adapter passes one contract (`test/energy-meter.contract.ts`):
 *   M1  energy is never negative, and an amount is never made up: what cannot be read is `unavailable` with a reason
 *   M2  an amount covers exactly the time since the previous amount; a second call at the same instant covers none
 *   M3  after a failed reading a meter works again as soon as it can; time that it cannot vouch for is in no amount
 *   M4  every amount says in `detail` what was read or calculated
 */
import type { Clock, EnergyReading, EnergyUnavailable, Watts } from "@frugal/core";

export interface EnergyMeter {
  /** Short and stable, for configuration and people: `rapl`, `hwmon`, `model`, `none`. */
  readonly name: string;
  /** What it reads and what that covers, one sentence. */
  readonly description: string;
  /** What is known beforehand of the machine's power; only a model knows. */
  readonly powerModel: PowerModel | undefined;
  /**
   * The energy since the previous amount; the first call covers no time and gives 0 J. To be called about once a second:
   * long gaps make counters ambiguous, and then the reading is `unavailable`.
   */
  measure(): EnergyReading;
  /** Closes its files. */
  close(): void;
}

/** Power that is linear in the processors' use. */
export interface PowerModel {
  /** Power of the whole machine at rest. */
  readonly idle: Watts;
  /** Power that one busy hardware thread adds: joules per second of CPU time. */
  readonly perBusyThread: Watts;
}

/** The part of the clock that meters need. */
export type MonotonicClock = Pick<Clock, "now">;

/** What became of looking for a meter on this host. */
export type MeterProbe = { readonly kind: "found"; readonly meter: EnergyMeter } | EnergyUnavailable;
