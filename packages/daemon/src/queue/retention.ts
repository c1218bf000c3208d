/**
 * How much of what is over is kept: the newest first, until there are too many, they are too large together, or too old.
 */
import type { Seconds } from "@frugal/core";

export interface Retention {
  readonly age: Seconds;
  readonly count: number;
  /** Of all that is kept of them, together. */
  readonly bytes: number;
}

/** Goes through what is over, the newest first. */
export class RetentionCheck {
  readonly #retention: Retention;
  readonly #now: Seconds;
  #count = 0;
  #bytes = 0;

  constructor(retention: Retention, now: Seconds) {
    this.#retention = retention;
    this.#now = now;
  }

  /** Whether the next one is kept, which ended at `endedAt` and has `bytes`. */
  keeps(endedAt: number, bytes: number): boolean {
    const { age, count, bytes: most } = this.#retention;
    this.#count++;
    this.#bytes += bytes;
    return this.#count <= count && this.#bytes <= most && this.#now - endedAt <= age;
  }
}
