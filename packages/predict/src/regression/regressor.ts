/**
 * What a regression is given and gives. There is no hidden intercept: whoever wants one gives a column of ones.
 */

/** Rows of equal length, one target each. Everything is finite. */
export interface Sample {
  readonly rows: readonly Float64Array[];
  readonly targets: Float64Array;
  /** How much each row counts, 0 or more; undefined where all count alike. */
  readonly weights: Float64Array | undefined;
}

export interface Predictor {
  predict(row: Float64Array): number;
}

/** Deterministic: the same sample gives the same predictor (I7). */
export interface Regressor {
  /** A RangeError where the sample has no rows. */
  fit(sample: Sample): Predictor;
}

/** Number of columns; a RangeError where there is nothing to learn from. */
export function columnsOf({ rows, targets }: Sample): number {
  const [first] = rows;
  if (first === undefined || rows.length !== targets.length)
    throw new RangeError(
      `Cannot fit ${rows.length} rows to ${targets.length} targets: give one of each at least`,
    );
  return first.length;
}

export const weightAt = ({ weights }: Sample, index: number): number => weights?.[index] ?? 1;

/** Scalar product. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

export const linearPredictor = (weights: Float64Array): Predictor => ({
  predict: (row) => dot(row, weights),
});
