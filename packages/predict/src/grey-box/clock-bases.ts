/**
 * What a clock does to time and power, as factors that the weights of a linear form multiply.
 *
 * With x a clock's share of the highest: time has 1/x of the core, 1/x of the uncore, and 1. Power has x, x^2 and x^3 of either
 * and 1: f V(f)^2 is x (v + (1 - v) x)^2 where the voltage is a line over the clock, and that is a sum of the three with weights
 * that are not negative, whatever the line. So the voltages need not be known: non-negative least squares finds them.
 *
 * Invariants (cited by the tests):
 *   C1  every factor of time falls with its clock, every factor of power rises with it, and all are 1 at the highest clocks
 */
import type { ClockGrid, ClockSetting, Hertz } from "@frugal/core";
import type { Part } from "../counters/counter-set.ts";

/** Factors of time: of the core, of the uncore, of neither. */
export const timeFactorCount = 3;
/** Factors of power: three of the core, three of the uncore, one of neither. */
export const powerFactorCount = 7;

/** The factors of time that a part's weights have: one. */
export const timeFactorsOf: Readonly<Record<Part, readonly number[]>> = {
  core: [0],
  uncore: [1],
  memory: [2],
};
/** The factors of power that a part's weights have. */
export const powerFactorsOf: Readonly<Record<Part, readonly number[]>> = {
  core: [0, 1, 2],
  uncore: [3, 4, 5],
  memory: [6],
};

/** A setting's clocks as shares of the highest. */
export interface ClockShares {
  readonly core: number;
  readonly uncore: number;
}

/** The machine's clocks relative to its highest ones. An uncore clock that nobody sets is taken to be the highest. */
export class ClockBases {
  readonly grid: ClockGrid;
  readonly highest: ClockSetting;
  /** Of every clock of the grid. Without an uncore clock there is one uncore share, 1. */
  readonly core: Float64Array;
  readonly uncore: Float64Array;
  readonly #core: Hertz;

  /** A RangeError where the grid has no core clock. */
  constructor(grid: ClockGrid) {
    const top = grid.core.at(-1);
    if (top === undefined) throw new RangeError("A grid of clocks has one core clock at least");
    this.grid = grid;
    this.#core = top;
    this.highest = { core: top, uncore: grid.uncore.at(-1) };
    this.core = Float64Array.from(grid.core, (clock) => clock / top);
    this.uncore = Float64Array.from(
      grid.uncore.length === 0 ? [1] : grid.uncore.map((clock) => this.#uncoreShare(clock)),
    );
  }

  /** Where the clocks are not known, they are taken to be the highest: where machines run when nobody sets them. */
  sharesOf(setting: ClockSetting | undefined): ClockShares {
    if (setting === undefined) return { core: 1, uncore: 1 };
    return { core: setting.core / this.#core, uncore: this.#uncoreShare(setting.uncore) };
  }

  #uncoreShare(clock: Hertz | undefined): number {
    const top = this.highest.uncore;
    return clock === undefined || top === undefined ? 1 : clock / top;
  }
}

/** Fills `out` with the factors of time. */
export function fillTimeFactors({ core, uncore }: ClockShares, out: Float64Array): void {
  out[0] = 1 / core;
  out[1] = 1 / uncore;
  out[2] = 1;
}

/** Fills `out` with the factors of power. */
export function fillPowerFactors({ core, uncore }: ClockShares, out: Float64Array): void {
  out[0] = core;
  out[1] = core * core;
  out[2] = core * core * core;
  out[3] = uncore;
  out[4] = uncore * uncore;
  out[5] = uncore * uncore * uncore;
  out[6] = 1;
}
