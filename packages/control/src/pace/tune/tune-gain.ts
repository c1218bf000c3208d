/**
 * The controller's parameters by grid search: those of least energy under which enough runs are in time. The paper searches
 * a grid too (kypous, section 5.2), and says neither which grid nor what it found.
 */
import {
  joules,
  type Joules,
  quantileOfSorted,
  type Random,
  type Ratio,
  ratio,
  type Seconds,
  seconds,
} from "@frugal/core";
import type { Gain } from "../slack/gain.ts";
import { Replay, type ReplayedRun, type ReplayedWorkflow } from "./replay.ts";

export interface GainGrid {
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly c: readonly number[];
  readonly k0: readonly number[];
}

export const usualGainGrid: GainGrid = {
  a: [0, 4, 16],
  b: [0, 1, 4],
  c: [0, 0.25, 0.5, 0.75, 1],
  k0: [0, 0.5, 1, 1.5, 2],
};

export interface TuneOptions {
  /** The share of runs that must be in time. */
  readonly quantile: Ratio;
  readonly runs: number;
  readonly random: Random;
  readonly grid: GainGrid;
}

/** What one set of parameters makes of the runs. */
export interface TunedGain {
  readonly gain: Gain;
  /** Mean of a run. */
  readonly energy: Joules;
  /** The share of runs that are late. */
  readonly late: Ratio;
  /** At the quantile. */
  readonly latency: Seconds;
}

/** Every set of parameters of the grid, the best first: those that are in time by energy, then the others by late runs. */
export function tuneGain(workflow: ReplayedWorkflow, options: TuneOptions): readonly TunedGain[] {
  const { quantile, runs, random, grid } = options;
  const replay = new Replay(workflow, runs, random);
  const mayBeLate = 1 - quantile + 1e-9;
  const excess = ({ late }: TunedGain): number => Math.max(0, late - mayBeLate);
  return gainsOf(grid)
    .map((gain) => summaryOf(gain, replay.under(gain), workflow.deadline, quantile))
    .sort((one, other) => excess(one) - excess(other) || one.energy - other.energy);
}

const gainsOf = ({ a, b, c, k0 }: GainGrid): Gain[] =>
  a.flatMap((square) =>
    b.flatMap((linear) =>
      c.flatMap((constant) => k0.map((late) => ({ a: square, b: linear, c: constant, k0: late }))),
    ),
  );

function summaryOf(gain: Gain, runs: readonly ReplayedRun[], deadline: Seconds, quantile: Ratio): TunedGain {
  const latencies = Float64Array.from(runs, ({ latency }) => latency).sort();
  const late = latencies.reduce((count, latency) => count + (latency > deadline ? 1 : 0), 0);
  return {
    gain,
    energy: joules(runs.reduce((sum, { energy }) => sum + energy, 0) / runs.length),
    late: ratio(late / runs.length),
    latency: seconds(quantileOfSorted(latencies, quantile) ?? 0),
  };
}
