/**
 * How a function differs from what the global weights say of it, from its last executions [ours].
 *
 * Times are seen relative to the predicted time at the highest clocks: y = s . (1/x of the core, 1/x of the uncore, 1), where s are the
 * shares of the parts. The global weights give s; the correction adds a vector to it, the most probable one of a normal
 * prior: mostly all shares grow alike (a running ratio of measured and predicted, shrunk towards 1 while executions are few), less
 * likely the split itself differs. Where clocks varied the split is found; where not, all shares are scaled. Shares stay 0 or more,
 * so that time never rises with a clock. Power has a ratio alone.
 */
import { quantileOfSorted } from "@frugal/core";
import { solvePositive } from "../../regression/cholesky.ts";
import { nonNegativeSolution } from "../../regression/non-negative.ts";

/** Standard deviation of one execution's relative error: noise of the machine and of the function's inputs. */
const NOISE = 0.1;
/** Of a function's whole time, relative to what the global weights say. */
const SCALE = 0.5;
/** Of a function's single shares. */
const SPLIT = 0.25;
/** A measured value counts at most as this many times the median of measured / predicted, and at least as that divided by it. */
const OUTLIER = 3;
/** Executions before their deviation says something. */
const FEW = 5;

/** Of the parts, in the order of the factors of time. */
export type Shares = readonly [core: number, uncore: number, memory: number];

export const noShift: Shares = [0, 0, 0];

/** An execution beside its prediction by the global weights. */
export interface Comparison {
  /** Of the predicted time at the highest clocks. */
  readonly shares: Shares;
  /** Factors of time at the execution's clocks. */
  readonly factors: Shares;
  /** Measured time / predicted time at the highest clocks. */
  readonly time: number;
}

const inner = (a: Shares, b: Shares): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** Measured / predicted, where `shift` is added to the shares. */
export const ratioOf = ({ shares, factors, time }: Comparison, shift: Shares): number =>
  time /
  inner([shifted(shares[0], shift[0]), shifted(shares[1], shift[1]), shifted(shares[2], shift[2])], factors);

/** A share with its shift: 0 or more. */
export const shifted = (share: number, shift: number): number => Math.max(0, share + shift);

/** What is added to the shares of a function with these executions; nothing where there are none. */
export function shareShift(comparisons: readonly Comparison[]): Shares {
  if (comparisons.length === 0) return noShift;
  const ratios = withoutOutliers(comparisons.map((comparison) => ratioOf(comparison, noShift)));
  const mean = meanShares(comparisons);
  const gram = priorPrecision(mean);
  const right = times(gram, mean);
  for (const [at, { shares, factors }] of comparisons.entries()) {
    // Relative to the prediction, so that slow clocks count no more than fast ones; what the mean shares lack is the target.
    const scale = 1 / inner(shares, factors);
    const target = (ratios[at] ?? 1) - 1 + scale * inner(mean, factors);
    for (let i = 0; i < 3; i++) {
      const value = scale * (factors[i] ?? 0);
      right[i] = (right[i] ?? 0) + value * target;
      for (let j = 0; j < 3; j++)
        gram[i * 3 + j] = (gram[i * 3 + j] ?? 0) + value * scale * (factors[j] ?? 0);
    }
  }
  const free = solvePositive(gram, right);
  const isFeasible = free?.every((share) => share >= 0) ?? false;
  const [core = 0, uncore = 0, memory = 0] =
    free !== undefined && isFeasible ? free : nonNegativeSolution(gram, right);
  return [core - mean[0], uncore - mean[1], memory - mean[2]];
}

function meanShares(comparisons: readonly Comparison[]): Shares {
  let [core, uncore, memory] = noShift;
  for (const { shares } of comparisons) {
    core += shares[0];
    uncore += shares[1];
    memory += shares[2];
  }
  const count = comparisons.length;
  return [core / count, uncore / count, memory / count];
}

/** Inverse of SCALE^2 m m' + SPLIT^2 I (Sherman and Morrison), in units of the noise. */
function priorPrecision(mean: Shares): Float64Array {
  const unit = NOISE ** 2 / SPLIT ** 2;
  const along = SCALE ** 2 / (SPLIT ** 2 + SCALE ** 2 * inner(mean, mean));
  const matrix = new Float64Array(9);
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++)
      matrix[i * 3 + j] = unit * ((i === j ? 1 : 0) - along * (mean[i] ?? 0) * (mean[j] ?? 0));
  return matrix;
}

function times(matrix: Float64Array, vector: Shares): Float64Array {
  const product = new Float64Array(3);
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++) product[i] = (product[i] ?? 0) + (matrix[i * 3 + j] ?? 0) * (vector[j] ?? 0);
  return product;
}

/** Mean of measured / predicted, shrunk towards 1 while few; 1 where there is none. */
export function shrunkRatio(ratios: readonly number[]): number {
  const prior = (NOISE / SCALE) ** 2;
  let sum = prior;
  for (const ratio of withoutOutliers(ratios)) sum += ratio;
  return sum / (ratios.length + prior);
}

/** Standard deviation of measured / predicted; undefined before a few were seen. */
export function deviationOf(ratios: readonly number[]): number | undefined {
  if (ratios.length < FEW) return undefined;
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  return Math.sqrt(ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0) / (ratios.length - 1));
}

function withoutOutliers(ratios: readonly number[]): readonly number[] {
  const middle = quantileOfSorted(Float64Array.from(ratios).sort(), 0.5) ?? 1;
  return ratios.map((ratio) => Math.min(OUTLIER * middle, Math.max(middle / OUTLIER, ratio)));
}
