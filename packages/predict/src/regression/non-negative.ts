/**
 * Least squares with weights that are not negative: the active-set method of Lawson and Hanson (Solving Least Squares Problems,
 * chapter 23), on the normal equations (Bro and de Jong, Journal of Chemometrics 11, 1997), which are all that a recursive fit keeps.
 *
 * Invariants (cited by the tests), the conditions of Karush, Kuhn and Tucker:
 *   N1  no weight is negative
 *   N2  where a weight is positive the squared error's slope is zero, elsewhere it does not fall
 */
import { solvePositive } from "./cholesky.ts";
import { columnsOf, linearPredictor, type Regressor, type Sample, weightAt } from "./regressor.ts";

/** Slopes and weights below this are zero, in units where every column has length one. */
const NOTHING = 1e-11;

/** The x >= 0 of least x'Ax/2 - b'x. `gram` is A, symmetric and positive semidefinite, row after row. */
export function nonNegativeSolution(gram: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  const scale = Float64Array.from(right, (_, i) => {
    const square = gram[i * size + i] ?? 0;
    return square > 0 ? 1 / Math.sqrt(square) : 0;
  });
  const unitGram = gram.map(
    (value, at) => value * (scale[Math.floor(at / size)] ?? 0) * (scale[at % size] ?? 0),
  );
  const unitRight = right.map((value, i) => value * (scale[i] ?? 0));
  return activeSet(unitGram, unitRight).map((value, i) => value * (scale[i] ?? 0));
}

function activeSet(gram: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  let solution: Float64Array = new Float64Array(size);
  let free: number[] = [];
  // Each round lowers the error, so that no set comes twice; the bound is for rounding alone.
  for (let round = 0; round < 10 * size; round++) {
    const entering = steepest(gram, right, solution, free);
    if (entering === undefined) break;
    free = [...free, entering].sort((a, b) => a - b);
    let target = solveFree(gram, right, free);
    for (let blocking = lowest(solution, target, free); blocking !== undefined;) {
      const step = stepTo(solution, target, blocking);
      solution = solution.map((value, i) => Math.max(0, value + step * ((target[i] ?? 0) - value)));
      // What stopped the step goes, whatever rounding has left of it: so that this ends.
      const stopped = blocking;
      free = free.filter((i) => i !== stopped);
      solution[stopped] = 0;
      target = solveFree(gram, right, free);
      blocking = lowest(solution, target, free);
    }
    solution = target;
  }
  return solution;
}

/** The bound weight whose growth lowers the error most; undefined where none does. */
function steepest(
  gram: Float64Array,
  right: Float64Array,
  solution: Float64Array,
  free: readonly number[],
): number | undefined {
  let best: number | undefined;
  let most = NOTHING * right.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  for (let i = 0; i < right.length; i++) {
    if (free.includes(i) || gram[i * right.length + i] === 0) continue;
    let fall = right[i] ?? 0;
    for (let j = 0; j < right.length; j++) fall -= (gram[i * right.length + j] ?? 0) * (solution[j] ?? 0);
    if (fall <= most) continue;
    most = fall;
    best = i;
  }
  return best;
}

/** The free weight that on the way from `from` to `to` is the first to fall below zero; undefined where none does. */
function lowest(from: Float64Array, to: Float64Array, free: readonly number[]): number | undefined {
  let first: number | undefined;
  for (const i of free) {
    if ((to[i] ?? 0) > 0) continue;
    if (first === undefined || stepTo(from, to, i) < stepTo(from, to, first)) first = i;
  }
  return first;
}

/** The share of the way from `from` to `to` after which weight `i` is zero; it ends at zero or below. */
function stepTo(from: Float64Array, to: Float64Array, i: number): number {
  const start = from[i] ?? 0;
  return start === 0 ? 0 : start / (start - (to[i] ?? 0));
}

/** The least squares of the `free` weights alone; the others are zero. */
function solveFree(gram: Float64Array, right: Float64Array, free: readonly number[]): Float64Array {
  const size = right.length;
  const matrix = new Float64Array(free.length ** 2);
  for (const [row, i] of free.entries())
    for (const [column, j] of free.entries()) matrix[row * free.length + column] = gram[i * size + j] ?? 0;
  const solution = new Float64Array(size);
  const some = solveRidged(
    matrix,
    Float64Array.from(free, (i) => right[i] ?? 0),
  );
  for (const [at, i] of free.entries()) solution[i] = some[at] ?? 0;
  return solution;
}

/** Columns that depend on each other share their weight: the ridge grows until rounding leaves the matrix definite. */
function solveRidged(matrix: Float64Array, right: Float64Array): Float64Array {
  for (let ridge = 0; ridge < 1; ridge = ridge === 0 ? 1e-12 : ridge * 10) {
    const eased =
      ridge === 0
        ? matrix
        : matrix.map((value, at) => (at % (right.length + 1) === 0 ? value + ridge : value));
    const solution = solvePositive(eased, right);
    if (solution !== undefined) return solution;
  }
  return new Float64Array(right.length);
}

/** The normal equations of a sample. */
function normalEquations(sample: Sample): { readonly gram: Float64Array; readonly right: Float64Array } {
  const size = columnsOf(sample);
  const gram = new Float64Array(size * size);
  const right = new Float64Array(size);
  for (const [at, row] of sample.rows.entries())
    accumulate(gram, right, row, { target: sample.targets[at] ?? 0, weight: weightAt(sample, at) });
  return { gram, right };
}

/** Adds one row to normal equations. */
export function accumulate(
  gram: Float64Array,
  right: Float64Array,
  row: Float64Array,
  { target, weight }: { readonly target: number; readonly weight: number },
): void {
  const size = right.length;
  for (let i = 0; i < size; i++) {
    const value = weight * (row[i] ?? 0);
    if (value === 0) continue;
    right[i] = (right[i] ?? 0) + value * target;
    for (let j = 0; j < size; j++) gram[i * size + j] = (gram[i * size + j] ?? 0) + value * (row[j] ?? 0);
  }
}

export const nonNegative: Regressor = {
  fit(sample) {
    const { gram, right } = normalEquations(sample);
    return linearPredictor(nonNegativeSolution(gram, right));
  },
};
