/**
 * Power of a part that runs at a clock (a busy core, a socket's uncore): P(f) = constant + dynamic x (f/top) x V(f)^2.
 *
 * V is the voltage relative to that of the highest clock, on a line over the clock: V(f) = floor + (1 - floor) x f/top. For a given
 * floor the form is linear in its two weights, as a regression with non-negative weights wants it.
 */
import { type Hertz, type Watts, watts } from "@frugal/core";

export interface ClockPower {
  /** Drawn at any clock. */
  readonly constantWatts: number;
  /** Drawn at the highest clock, beside the constant. */
  readonly dynamicWatts: number;
  /** Where the line of voltages meets the clock zero, as a share of the voltage at the highest clock. 0 to 1. */
  readonly voltageFloor: number;
}

/** Power at `clock`; never decreases with it. */
export const clockPower = (
  { constantWatts, dynamicWatts, voltageFloor }: ClockPower,
  clock: Hertz,
  top: Hertz,
): Watts => watts(constantWatts + dynamicWatts * switchingShare(clock / top, voltageFloor));

/** f x V^2 relative to that of the highest clock; `share` is the clock's share of the highest. */
export const switchingShare = (share: number, voltageFloor: number): number =>
  share * (voltageFloor + (1 - voltageFloor) * share) ** 2;
