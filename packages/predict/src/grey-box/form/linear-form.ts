/**
 * A quantity as a sum of weight x feature x factor: features say what an execution does, factors what the clocks do to it. For given
 * features it collapses to one number per factor, from which any setting costs a few multiplications.
 */
import type { Part } from "../../counters/counter-set.ts";
import { RecursiveFit, type RecursiveFitState } from "./recursive-fit.ts";

/** One weight: which feature it multiplies, and which factor. */
export interface Term {
  readonly feature: number;
  readonly factor: number;
  /** Its weight before anything was measured. */
  readonly prior: number;
}

/** Of a feature: which parts of the machine it may cost something, and what it is believed to cost before. */
export interface FeatureParts {
  readonly parts: readonly Part[];
  /** By factor; what is missing is 0. */
  readonly prior: Readonly<Record<number, number>>;
}

/** The terms of features, in their order, with the factors that each part has. */
export const termsOf = (
  features: readonly FeatureParts[],
  factorsOf: Readonly<Record<Part, readonly number[]>>,
): readonly Term[] =>
  features.flatMap(({ parts, prior }, feature) =>
    parts.flatMap((part) =>
      factorsOf[part].map((factor) => ({ feature, factor, prior: prior[factor] ?? 0 })),
    ),
  );

/** A form as data. */
export interface LinearFormState extends RecursiveFitState {
  readonly weights: readonly number[];
}

export class LinearForm {
  readonly #features: Uint8Array;
  readonly #factors: Uint8Array;
  readonly #factorCount: number;
  readonly #fit: RecursiveFit;
  readonly #row: Float64Array;
  #weights: Float64Array;

  constructor(terms: readonly Term[], factorCount: number) {
    this.#features = Uint8Array.from(terms, ({ feature }) => feature);
    this.#factors = Uint8Array.from(terms, ({ factor }) => factor);
    this.#factorCount = factorCount;
    this.#fit = new RecursiveFit(Float64Array.from(terms, ({ prior }) => prior));
    this.#row = new Float64Array(terms.length);
    this.#weights = this.#fit.solve();
  }

  /** Number of weights. */
  get size(): number {
    return this.#weights.length;
  }

  /** Rows that the weights come from, as far as they have not faded. */
  get rows(): number {
    return this.#fit.rows;
  }

  get state(): LinearFormState {
    return { ...this.#fit.state, weights: [...this.#weights] };
  }

  /** Takes what `state` gave out; false, and nothing changes, where that is of another form. */
  restore(state: LinearFormState): boolean {
    const { gram, right, weights } = state;
    const size = this.#weights.length;
    if (gram.length !== size ** 2 || right.length !== size || weights.length !== size) return false;
    this.#fit.restore(state);
    this.#weights.set(weights);
    return true;
  }

  /** Fills `out` with the sum of weight x feature for every factor. */
  collapse(features: Float64Array, out: Float64Array): void {
    for (let i = 0; i < this.#factorCount; i++) out[i] = 0;
    for (let i = 0; i < this.#weights.length; i++) {
      const factor = this.#factors[i] ?? 0;
      out[factor] = (out[factor] ?? 0) + (this.#weights[i] ?? 0) * (features[this.#features[i] ?? 0] ?? 0);
    }
  }

  /** The form should have given `target` at these features and factors; errors count by the square of `scale` x error. */
  learn(features: Float64Array, factors: Float64Array, target: number, scale: number): void {
    this.fillRow(features, factors, this.#row);
    for (let i = 0; i < this.#row.length; i++) this.#row[i] = scale * (this.#row[i] ?? 0);
    this.#fit.add(this.#row, scale * target);
  }

  /** What each weight is multiplied with. */
  fillRow(features: Float64Array, factors: Float64Array, out: Float64Array): void {
    for (let i = 0; i < this.#features.length; i++)
      out[i] = (features[this.#features[i] ?? 0] ?? 0) * (factors[this.#factors[i] ?? 0] ?? 0);
  }

  /** Finds the weights of everything learnt so far. */
  refit(): void {
    this.#weights = this.#fit.solve();
  }
}
