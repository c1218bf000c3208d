/**
 * A running estimate of a duration: exponentially weighted, so that it follows changes and forgets outliers.
 */
import { type Seconds, seconds } from "@frugal/core";

/** Weight of the newest observation; the last ten make up about 90 % of the estimate. */
const WEIGHT = 0.2;

export class DurationEstimate {
  #value: number | undefined;

  /** Undefined before the first observation. */
  get value(): Seconds | undefined {
    return this.#value === undefined ? undefined : seconds(this.#value);
  }

  observe(duration: Seconds): void {
    this.#value = this.#value === undefined ? duration : this.#value + WEIGHT * (duration - this.#value);
  }
}
