/**
 * Quantiles of the standard normal distribution, to about seven digits: rational approximations near the middle and in the
 * tails. Source: Wichura, "The percentage points of the normal distribution", Applied Statistics 37 (1988), PPND7.
 */
const MIDDLE = [
  [3.3871327179, 50.434271938, 159.29113202, 59.10937472],
  [1, 17.895169469, 78.757757664, 67.1875636],
] as const;
const TAIL = [
  [1.4234372777, 2.75681539, 1.3067284816, 0.17023821103],
  [1, 0.7370016425, 0.12021132975],
] as const;
const FAR_TAIL = [
  [6.657905115, 3.081226386, 0.42868294337, 0.017337203997],
  [1, 0.24197894225, 0.012258202635],
] as const;

/** Where the share `q` of a standard normal variable lies below; infinite at 0 and 1. */
export function normalQuantile(q: number): number {
  if (!(q >= 0 && q <= 1)) throw new RangeError(`A quantile is asked for at ${q}; shares are from 0 to 1`);
  const fromMiddle = q - 0.5;
  if (Math.abs(fromMiddle) <= 0.425) return fromMiddle * rational(MIDDLE, 0.180625 - fromMiddle ** 2);
  const tail = Math.min(q, 1 - q);
  if (tail === 0) return fromMiddle < 0 ? -Infinity : Infinity;
  const depth = Math.sqrt(-Math.log(tail));
  const distance = depth <= 5 ? rational(TAIL, depth - 1.6) : rational(FAR_TAIL, depth - 5);
  return fromMiddle < 0 ? -distance : distance;
}

const rational = ([above, below]: readonly [readonly number[], readonly number[]], x: number): number =>
  polynomial(above, x) / polynomial(below, x);

/** By Horner's rule; the constant first. */
const polynomial = (coefficients: readonly number[], x: number): number =>
  coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0);
