/**
 * Ordinary (weighted) least squares by Householder's QR on columns of unit length. Where columns depend on each other, a slight
 * ridge makes the answer unique: of all that fit alike, nearly the one with the smallest weights.
 * Source: Golub and Van Loan, Matrix Computations, sections 5.2, 5.3 and 6.1.4.
 */
import { columnsOf, dot, linearPredictor, type Regressor, type Sample, weightAt } from "./regressor.ts";

/** Below this share of the largest, a diagonal entry of R says that its column is one of the others. */
const DEPENDENT = 1e-9;
/** Square root of the ridge, for columns of unit length. */
const RIDGE_ROOT = 1e-5;

/**
 * The weights with the least sum of squared errors.
 * @internal
 */
export function leastSquares(sample: Sample): Float64Array {
  const width = columnsOf(sample);
  const columns = Array.from({ length: width }, (_, j) =>
    Float64Array.from(sample.rows, (row, i) => Math.sqrt(weightAt(sample, i)) * (row[j] ?? 0)),
  );
  const target = sample.targets.map((value, i) => Math.sqrt(weightAt(sample, i)) * value);
  const lengths = columns.map((column) => Math.sqrt(dot(column, column)) || 1);
  const unit = columns.map((column, j) => column.map((value) => value / (lengths[j] ?? 1)));
  const solution = solveByQr(unit, target) ?? solveByQr(unit.map(withRidge), padded(target, width));
  return Float64Array.from(lengths, (length, j) => (solution?.[j] ?? 0) / length);
}

const padded = (values: Float64Array, more: number): Float64Array => {
  const longer = new Float64Array(values.length + more);
  longer.set(values);
  return longer;
};

function withRidge(column: Float64Array, index: number, all: readonly Float64Array[]): Float64Array {
  const longer = padded(column, all.length);
  longer[column.length + index] = RIDGE_ROOT;
  return longer;
}

/** Undefined where the columns are not independent. */
function solveByQr(columns: readonly Float64Array[], target: Float64Array): Float64Array | undefined {
  const matrix = columns.map((column) => column.slice());
  const right = target.slice();
  const width = matrix.length;
  if (right.length < width) return undefined;
  const diagonal = new Float64Array(width);
  for (const [k, column] of matrix.entries()) {
    const norm = Math.sqrt(dot(column.subarray(k), column.subarray(k)));
    const head = column[k] ?? 0;
    diagonal[k] = head > 0 ? -norm : norm;
    if (norm < DEPENDENT) return undefined;
    // The reflection that takes the column's rest to its first axis, applied to what lies right of it.
    const mirror = column.slice(k);
    mirror[0] = head - (diagonal[k] ?? 0);
    const square = dot(mirror, mirror);
    for (let j = k + 1; j < width; j++) reflect(matrix[j]?.subarray(k), mirror, square);
    reflect(right.subarray(k), mirror, square);
  }
  const solution = new Float64Array(width);
  for (let k = width - 1; k >= 0; k--) {
    let rest = right[k] ?? 0;
    for (let j = k + 1; j < width; j++) rest -= (matrix[j]?.[k] ?? 0) * (solution[j] ?? 0);
    solution[k] = rest / (diagonal[k] ?? 1);
  }
  return solution;
}

function reflect(vector: Float64Array | undefined, mirror: Float64Array, square: number): void {
  if (vector === undefined) return;
  const factor = (2 * dot(mirror, vector)) / square;
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] ?? 0) - factor * (mirror[i] ?? 0);
}

export const linear: Regressor = { fit: (sample) => linearPredictor(leastSquares(sample)) };
