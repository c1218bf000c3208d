/**
 * How far predictions are off: the mean absolute percentage error, as a share (0.07 is 7 %).
 */
import { type Ratio, ratio } from "@frugal/core";

/** Undefined where there is nothing to compare. Values are positive. */
export function meanAbsolutePercentageError(
  pairs: readonly { readonly measured: number; readonly predicted: number }[],
): Ratio | undefined {
  if (pairs.length === 0) return undefined;
  const sum = pairs.reduce(
    (total, { measured, predicted }) => total + Math.abs(predicted - measured) / measured,
    0,
  );
  return ratio(sum / pairs.length);
}
