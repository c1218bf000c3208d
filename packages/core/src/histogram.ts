/**
 * A mergeable histogram with a bounded relative error (the logarithmic buckets of DDSketch, Masson et al., VLDB 2019).
 *
 * Bucket i holds the values in (g^(i-1), g^i] with g = (1 + e) / (1 - e); its answer is off by at most the share e.
 * The range is fixed (1e-7 to 1e7 in the unit of the values), so recording is one logarithm and one increment and merging
 * is an addition of counts, without loss.
 *
 * Invariants (cited by the tests):
 *   H1  a quantile is within e of the value that sorting would give, for values inside the range
 *   H2  merging histograms equals recording all their values in one
 */
const RELATIVE_ERROR = 0.01;
const GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const BUCKETS_PER_E = 1 / Math.log(GAMMA);
const SMALLEST = 1e-7;
const LARGEST = 1e7;
const OFFSET = Math.ceil(Math.log(SMALLEST) * BUCKETS_PER_E);
const BUCKETS = Math.ceil(Math.log(LARGEST) * BUCKETS_PER_E) - OFFSET + 1;

export class Histogram {
  readonly #counts = new Float64Array(BUCKETS);
  #count = 0;
  #sum = 0;
  #minimum = Infinity;
  #maximum = -Infinity;

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  /** Arithmetic mean, or undefined while empty. */
  get mean(): number | undefined {
    return this.#count === 0 ? undefined : this.#sum / this.#count;
  }

  /** `value` must not be negative; values outside the range count as its ends, but enter sum, minimum and maximum as they are. */
  record(value: number): void {
    const bucket = Math.ceil(Math.log(value) * BUCKETS_PER_E) - OFFSET;
    const index = bucket > 0 ? (bucket < BUCKETS ? bucket : BUCKETS - 1) : 0;
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#count++;
    this.#sum += value;
    if (value < this.#minimum) this.#minimum = value;
    if (value > this.#maximum) this.#maximum = value;
  }

  merge(other: Histogram): void {
    for (let i = 0; i < BUCKETS; i++) this.#counts[i] = (this.#counts[i] ?? 0) + (other.#counts[i] ?? 0);
    this.#count += other.#count;
    this.#sum += other.#sum;
    this.#minimum = Math.min(this.#minimum, other.#minimum);
    this.#maximum = Math.max(this.#maximum, other.#maximum);
  }

  /** The value below which a share `q` (0 to 1) of the values lies (nearest rank), or undefined while empty. */
  quantile(q: number): number | undefined {
    if (this.#count === 0) return undefined;
    const rank = Math.max(1, Math.ceil(q * this.#count));
    let seen = 0;
    for (let i = 0; i < BUCKETS; i++) {
      seen += this.#counts[i] ?? 0;
      if (seen >= rank) return this.#middleOf(i);
    }
    return this.#maximum;
  }

  /** The answer for a bucket; the first and the last also hold what lies outside the range. */
  #middleOf(bucket: number): number {
    if (bucket === 0) return this.#minimum;
    if (bucket === BUCKETS - 1) return this.#maximum;
    const middle = (2 * GAMMA ** (bucket + OFFSET)) / (GAMMA + 1);
    return Math.min(this.#maximum, Math.max(this.#minimum, middle));
  }
}

/** The value at share `q` of a *sorted* array, by nearest rank; undefined where it is empty. Exact, for small samples. */
export const quantileOfSorted = (sorted: ArrayLike<number>, q: number): number | undefined =>
  sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))];
