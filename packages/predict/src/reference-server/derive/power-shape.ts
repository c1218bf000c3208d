/**
 * Shape of a core's power over its clock, fitted to measured cores: constant + dynamic x f x V(f)^2, 1 at the highest clock.
 *
 * Each cluster's powers are taken relative to its power at the highest clock, and each cluster counts the same. The floor of the
 * voltage is searched on a fixed grid; for each, the two weights are the non-negative least squares solution.
 */
import { switchingShare } from "../clock-power.ts";
import type { Cluster, ClusterStep } from "./freqbench-table.ts";

export interface PowerShape {
  /** Together 1. */
  readonly constant: number;
  readonly dynamic: number;
  readonly voltageFloor: number;
  /** Rows that it was fitted to. */
  readonly rows: number;
  /** Root of the mean squared error, relative to the power at the highest clock. */
  readonly error: number;
}

interface Point {
  readonly clockShare: number;
  readonly powerShare: number;
  /** All points' weights sum up to the number of clusters. */
  readonly weight: number;
}

const FLOOR_STEPS = 100;

/** Whether its clocks cover the range, so that nothing has to be extrapolated. */
export const coversClocks = ({ steps }: Cluster, lowest: number, highest: number): boolean =>
  (steps[0]?.hertz ?? Infinity) <= lowest && (steps.at(-1)?.hertz ?? 0) >= highest;

/** The shape over the clocks `lowest` to `highest`; every cluster must cover them, and there must be one. */
export function fitPowerShape(clusters: readonly Cluster[], lowest: number, highest: number): PowerShape {
  const points = clusters.flatMap((cluster) => pointsOf(cluster, lowest, highest));
  let best: { readonly weights: Weights; readonly floor: number } | undefined;
  for (let i = 0; i <= FLOOR_STEPS; i++) {
    const floor = i / FLOOR_STEPS;
    const weights = weightsFor(points, floor);
    if (best === undefined || weights.error < best.weights.error) best = { weights, floor };
  }
  if (best === undefined) throw new RangeError("There is nothing to fit a shape to");
  const { constant, dynamic, error } = best.weights;
  const top = constant + dynamic;
  return {
    constant: constant / top,
    dynamic: dynamic / top,
    voltageFloor: best.floor,
    rows: points.length,
    error: Math.sqrt(error / clusters.length),
  };
}

function pointsOf({ steps }: Cluster, lowest: number, highest: number): readonly Point[] {
  const full = powerAt(steps, highest);
  const inside = steps.filter(({ hertz }) => hertz >= lowest && hertz <= highest);
  return inside.map(({ hertz, watts }) => ({
    clockShare: hertz / highest,
    powerShare: watts / full,
    weight: 1 / inside.length,
  }));
}

/** Power at `clock`, on the line between its neighbours. */
function powerAt(steps: readonly ClusterStep[], clock: number): number {
  const above = steps.find(({ hertz }) => hertz >= clock);
  const below = steps.findLast(({ hertz }) => hertz <= clock);
  if (above === undefined || below === undefined) throw new RangeError(`No power at ${clock} Hz`);
  if (above.hertz === below.hertz) return above.watts;
  return below.watts + ((above.watts - below.watts) * (clock - below.hertz)) / (above.hertz - below.hertz);
}

interface Weights {
  readonly constant: number;
  readonly dynamic: number;
  /** Weighted sum of squares. */
  readonly error: number;
}

/** Least squares of p = constant + dynamic x g with both at least zero, in closed form. */
function weightsFor(points: readonly Point[], floor: number): Weights {
  let [w, g, gg, p, gp] = [0, 0, 0, 0, 0];
  for (const { clockShare, powerShare, weight } of points) {
    const share = switchingShare(clockShare, floor);
    w += weight;
    g += weight * share;
    gg += weight * share * share;
    p += weight * powerShare;
    gp += weight * share * powerShare;
  }
  const slope = (w * gp - g * p) / (w * gg - g * g);
  const level = (p - slope * g) / w;
  const isInside = slope >= 0 && level >= 0;
  const dynamic = isInside ? slope : level < 0 ? gp / gg : 0;
  const constant = isInside ? level : level < 0 ? 0 : p / w;
  let error = 0;
  for (const { clockShare, powerShare, weight } of points) {
    error += weight * (constant + dynamic * switchingShare(clockShare, floor) - powerShare) ** 2;
  }
  return { constant, dynamic, error };
}
