/**
 * The idle times of one function from a tenth of a second to hours, in steps of 15 %: fine where a start costs seconds of
 * keeping, coarse where minutes do not matter. Old idle times fade, so that a changed habit is followed.
 */
import { type Seconds, seconds } from "@frugal/core";

const SHORTEST = 0.1;
const GROWTH = 1.15;
/** The last step ends at 4.3 hours; longer idle times are beyond it. */
const STEPS = 86;
/** At this many idle times all counts are halved. */
const MOST = 256;

/** `upper[i]` ends step i. */
const upper = Float64Array.from({ length: STEPS }, (_, step) => SHORTEST * GROWTH ** step);

export class IdleTimeLadder {
  readonly #counts = new Float64Array(STEPS);
  /** Sums of the idle times in each step. */
  readonly #totals = new Float64Array(STEPS);
  #count = 0;

  /** Idle times, those beyond the last step too; old ones count less. */
  get count(): number {
    return this.#count;
  }

  record(idle: Seconds): void {
    this.#count++;
    const step = idle <= SHORTEST ? 0 : Math.ceil(Math.log(idle / SHORTEST) / Math.log(GROWTH) - 1e-9);
    if (step < STEPS) {
      this.#counts[step] = (this.#counts[step] ?? 0) + 1;
      this.#totals[step] = (this.#totals[step] ?? 0) + idle;
    }
    if (this.#count >= MOST) this.#fade();
  }

  /** The steps from the shortest: where each ends, how many idle times it holds, and their sum. */
  forEachStep(visit: (upper: Seconds, count: number, total: number) => void): void {
    for (let step = 0; step < STEPS; step++)
      visit(seconds(upper[step] ?? 0), this.#counts[step] ?? 0, this.#totals[step] ?? 0);
  }

  /** Start of the step that holds the share `q` of the idle times; Infinity where that lies beyond the last. */
  lowerBound(q: number): Seconds {
    const step = this.#stepOf(q);
    return seconds(step === 0 ? 0 : (upper[step - 1] ?? Infinity));
  }

  /** End of that step. */
  upperBound(q: number): Seconds {
    return seconds(upper[this.#stepOf(q)] ?? Infinity);
  }

  #stepOf(q: number): number {
    const rank = q * this.#count;
    let seen = 0;
    for (let step = 0; step < STEPS; step++) {
      seen += this.#counts[step] ?? 0;
      if (seen >= rank && seen > 0) return step;
    }
    return STEPS + 1;
  }

  #fade(): void {
    this.#count /= 2;
    for (let step = 0; step < STEPS; step++) {
      this.#counts[step] = (this.#counts[step] ?? 0) / 2;
      this.#totals[step] = (this.#totals[step] ?? 0) / 2;
    }
  }
}
