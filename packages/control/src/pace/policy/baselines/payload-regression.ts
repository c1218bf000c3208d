/**
 * Latency as a linear function of the payload's size, learnt one execution at a time by least squares. Where payloads have all
 * been about alike, it is the mean. Old executions fade once there are many, so that new code is learnt.
 */
import { type PayloadSize, type Seconds, seconds } from "@frugal/core";

/** Executions that count; what is older fades. */
const WINDOW = 200;
/** Relative variance of payloads below which there is no telling what they do. */
const ALIKE = 1e-6;

export class PayloadRegression {
  #count = 0;
  #payload = 0;
  #latency = 0;
  #variance = 0;
  #covariance = 0;

  get isKnown(): boolean {
    return this.#count > 0;
  }

  get mean(): Seconds {
    return seconds(this.#latency);
  }

  observe(payload: PayloadSize, latency: Seconds): void {
    this.#count = Math.min(WINDOW, this.#count + 1);
    const weight = 1 / this.#count;
    const fromMean = payload - this.#payload;
    this.#payload += weight * fromMean;
    this.#latency += weight * (latency - this.#latency);
    this.#variance += weight * (fromMean * (payload - this.#payload) - this.#variance);
    this.#covariance += weight * (fromMean * (latency - this.#latency) - this.#covariance);
  }

  /** Never below zero. */
  at(payload: PayloadSize): Seconds {
    const isAlike = this.#variance <= ALIKE * this.#payload ** 2;
    const slope = isAlike ? 0 : this.#covariance / this.#variance;
    return seconds(Math.max(0, this.#latency + slope * (payload - this.#payload)));
  }
}
