/**
 * Non-negative least squares over a stream of rows: only the normal equations are kept, older rows fade, and a prior decides what
 * the rows do not.
 *
 * The prior counts like a few rows of each column's own size, and counts by its proportions: it is scaled to the size of what the
 * rows say. Where rows leave a direction open (the same clocks all the time), it alone decides there; where they speak, it is soon
 * outvoted.
 *
 * Invariants (cited by the tests):
 *   F1  the weights are those of all rows at once, older ones counted less
 *   F2  without rows the weights are the prior's
 *   F3  where every row is the prior's own prediction times one number, the weights are the prior's times that number
 */
import { accumulate, nonNegativeSolution } from "../../regression/non-negative.ts";

/** Rows after which one has faded to 1/e. */
const MEMORY = 4096;
/** Rows that the prior counts for. */
const PRIOR_ROWS = 4;
const KEPT = 1 - 1 / MEMORY;

/** A fit's rows as data. */
export interface RecursiveFitState {
  readonly rows: number;
  readonly gram: readonly number[];
  readonly right: readonly number[];
}

export class RecursiveFit {
  readonly #prior: Float64Array;
  readonly #gram: Float64Array;
  readonly #right: Float64Array;
  #rows = 0;

  /** `prior`: the weights without any row, none negative. */
  constructor(prior: Float64Array) {
    this.#prior = prior;
    this.#gram = new Float64Array(prior.length ** 2);
    this.#right = new Float64Array(prior.length);
  }

  /** Rows, as far as they have not faded. */
  get rows(): number {
    return this.#rows;
  }

  get state(): RecursiveFitState {
    return { rows: this.#rows, gram: [...this.#gram], right: [...this.#right] };
  }

  /** Takes rows as `state` of the same form gave them out. */
  restore({ rows, gram, right }: RecursiveFitState): void {
    this.#rows = rows;
    this.#gram.set(gram);
    this.#right.set(right);
  }

  add(row: Float64Array, target: number): void {
    for (let i = 0; i < this.#gram.length; i++) this.#gram[i] = (this.#gram[i] ?? 0) * KEPT;
    for (let i = 0; i < this.#right.length; i++) this.#right[i] = (this.#right[i] ?? 0) * KEPT;
    this.#rows = this.#rows * KEPT + 1;
    accumulate(this.#gram, this.#right, row, { target, weight: 1 });
  }

  solve(): Float64Array {
    const size = this.#prior.length;
    const gram = this.#gram.slice();
    const right = this.#right.slice();
    const scale = this.#scale();
    for (let i = 0; i < size; i++) {
      const at = i * (size + 1);
      // A column that was zero so far has no size; any positive one keeps its prior.
      const square = this.#rows > 0 ? (gram[at] ?? 0) / this.#rows : 0;
      const strength = PRIOR_ROWS * (square > 0 ? square : 1);
      gram[at] = (gram[at] ?? 0) + strength;
      right[i] = (right[i] ?? 0) + strength * scale * (this.#prior[i] ?? 0);
    }
    return nonNegativeSolution(gram, right);
  }

  /** How many times as large as the prior's predictions the targets are, by least squares; 1 where the prior predicts nothing. */
  #scale(): number {
    const size = this.#prior.length;
    let [predicted, measured] = [0, 0];
    for (let i = 0; i < size; i++) {
      const weight = this.#prior[i] ?? 0;
      measured += weight * (this.#right[i] ?? 0);
      for (let j = 0; j < size; j++)
        predicted += weight * (this.#gram[i * size + j] ?? 0) * (this.#prior[j] ?? 0);
    }
    return predicted > 0 ? Math.max(0, measured / predicted) : 1;
  }
}
