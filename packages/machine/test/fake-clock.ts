import { minus, plus, type Seconds, seconds } from "@frugal/core";

/** A monotonic clock that moves only when told. Starts late, so that a forgotten subtraction shows. */
export class FakeClock {
  readonly #start = seconds(5000);
  #now = this.#start;

  now(): Seconds {
    return this.#now;
  }

  advance(time: Seconds): void {
    this.#now = plus(this.#now, time);
  }

  get elapsed(): Seconds {
    return minus(this.#now, this.#start);
  }
}
