/**
 * Deadlines as quantiles: which deadline to plan for so that the asked share of runs meets the one that was asked for.
 *
 * Latencies vary about their predictions. Where those of the stages on the critical path vary independently, their sum's
 * standard deviation is the root of the sum of squares, and a share q of the sums is below the mean and z_q of it: the plan
 * must leave z_q * sqrt(sum (deviation_k * T_k)^2) of the deadline. T_k are not known before there is a plan; they are taken as
 * the least latencies, stretched alike until they use the deadline up, so that the equation has one solution.
 *
 * What it leaves out: paths that are nearly critical (the longest of several paths is longer on average than each), and what
 * the controller makes up for between stages.
 */
import { type Ratio, scaled, type Seconds } from "@frugal/core";
import { normalQuantile } from "./normal-quantile.ts";

/** A stage of the critical path. */
export interface StageSpread {
  /** The least of one execution. */
  readonly latency: Seconds;
  readonly repeats: number;
  /** Standard deviation of measured over predicted latency. */
  readonly deviation: Ratio;
}

/** The deadline to plan for. */
export function effectiveDeadline(deadline: Seconds, quantile: Ratio, path: readonly StageSpread[]): Seconds {
  let [mean, variance] = [0, 0];
  for (const { latency, repeats, deviation } of path) {
    mean += repeats * latency;
    variance += repeats * (deviation * latency) ** 2;
  }
  if (mean === 0) return deadline;
  const reserve = Math.max(0, normalQuantile(quantile)) * (Math.sqrt(variance) / mean);
  return scaled(deadline, 1 / (1 + reserve));
}
