/**
 * What an execution's time is made of at the highest clocks: work that scales with the core's clock, with the uncore's, and
 * with neither (memory, devices, the network). T(CF, UF) = T(top) x (core x CFtop/CF + uncore x UFtop/UF + memory).
 */
import type { ClockSetting } from "@frugal/core";

/** Together 1. */
export interface TimeShares {
  readonly core: number;
  readonly uncore: number;
  readonly memory: number;
}

/** How many times as long as at the `highest` clocks; an uncore that cannot be set is taken to run at its highest. */
export function stretch(shares: TimeShares, setting: ClockSetting, highest: ClockSetting): number {
  const uncoreRatio =
    setting.uncore === undefined || highest.uncore === undefined ? 1 : highest.uncore / setting.uncore;
  return shares.core * (highest.core / setting.core) + shares.uncore * uncoreRatio + shares.memory;
}

/** The parts' means. */
export function meanShares(all: readonly TimeShares[]): TimeShares {
  const mean = (part: (shares: TimeShares) => number): number =>
    all.reduce((sum, shares) => sum + part(shares), 0) / all.length;
  return {
    core: mean(({ core }) => core),
    uncore: mean(({ uncore }) => uncore),
    memory: mean(({ memory }) => memory),
  };
}
