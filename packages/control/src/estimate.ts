/**
 * A running estimate of a quantity: exponentially weighted, so that it follows changes and forgets outliers.
 */
import { minus, plus, type Quantity, scaled } from "@frugal/core";

/** Weight of the newest observation; the last ten make up about 90 % of the estimate. */
const WEIGHT = 0.2;

export class Estimate<U extends string> {
  #value: Quantity<U> | undefined;
  #isObserved = false;

  /** Undefined before the first observation or seed. */
  get value(): Quantity<U> | undefined {
    return this.#value;
  }

  observe(quantity: Quantity<U>): void {
    this.#isObserved = true;
    this.#value =
      this.#value === undefined ? quantity : plus(this.#value, scaled(minus(quantity, this.#value), WEIGHT));
  }

  /** What others have measured stands until there is an observation, and is its start. */
  seed(quantity: Quantity<U> | undefined): void {
    if (!this.#isObserved) this.#value = quantity ?? this.#value;
  }
}
