/**
 * The idle times of one function, in bins of one minute, with what the hybrid policy asks of them.
 * Source: Shahrad et al., "Serverless in the Wild", USENIX ATC 2020, section 4.2.
 */
import { minutes, type Seconds, seconds } from "@frugal/core";

export class IdleTimeHistogram {
  readonly #counts: Float64Array;
  readonly #binWidth: Seconds;
  #inRange = 0;
  #outOfRange = 0;
  #squares = 0;
  /** For the forecast of idle times that no bin holds: sums over consecutive pairs (AR(1) by least squares). */
  #last: number | undefined;
  #pairs = { count: 0, before: 0, after: 0, product: 0, square: 0 };

  constructor(bins: number, binWidth: Seconds = minutes(1)) {
    this.#counts = new Float64Array(bins);
    this.#binWidth = binWidth;
  }

  get count(): number {
    return this.#inRange + this.#outOfRange;
  }

  /** Share of the idle times beyond the last bin. */
  get shareOutOfRange(): number {
    return this.count === 0 ? 0 : this.#outOfRange / this.count;
  }

  /** Coefficient of variation of the bins' counts: high where idle times concentrate in few bins. */
  get binVariation(): number {
    const bins = this.#counts.length;
    const mean = this.#inRange / bins;
    if (mean === 0) return 0;
    return Math.sqrt(Math.max(0, this.#squares / bins - mean * mean)) / mean;
  }

  record(idle: Seconds): void {
    const bin = Math.floor(idle / this.#binWidth);
    const before = this.#counts[bin];
    if (before === undefined) this.#outOfRange++;
    else {
      this.#counts[bin] = before + 1;
      this.#squares += 2 * before + 1;
      this.#inRange++;
    }
    this.#observePair(idle);
  }

  /** Start of the bin that holds the share `q` of the idle times in range: rounded down. */
  lowerBound(q: number): Seconds {
    return seconds(this.#binOf(q) * this.#binWidth);
  }

  /** End of the bin that holds the share `q` of the idle times in range: rounded up. */
  upperBound(q: number): Seconds {
    return seconds((this.#binOf(q) + 1) * this.#binWidth);
  }

  /** The next idle time by a first-order autoregression; undefined before three idle times. */
  forecast(): Seconds | undefined {
    const { count, before, after, product, square } = this.#pairs;
    if (count < 2 || this.#last === undefined) return undefined;
    const meanBefore = before / count;
    const meanAfter = after / count;
    const variance = square / count - meanBefore * meanBefore;
    const covariance = product / count - meanBefore * meanAfter;
    const slope = variance > 1e-9 ? Math.max(-1, Math.min(1, covariance / variance)) : 0;
    return seconds(Math.max(0, meanAfter + slope * (this.#last - meanBefore)));
  }

  #binOf(q: number): number {
    const rank = Math.max(1, Math.ceil(q * this.#inRange));
    let seen = 0;
    for (let bin = 0; bin < this.#counts.length; bin++) {
      seen += this.#counts[bin] ?? 0;
      if (seen >= rank) return bin;
    }
    return this.#counts.length - 1;
  }

  #observePair(idle: number): void {
    const last = this.#last;
    if (last !== undefined) {
      this.#pairs.count++;
      this.#pairs.before += last;
      this.#pairs.after += idle;
      this.#pairs.product += last * idle;
      this.#pairs.square += last * last;
    }
    this.#last = idle;
  }
}
