/**
 * Counts the processor time of functions and reads the meter, once a second and whenever somebody asks.
 */
import { type Clock, type FunctionName, plus, type Seconds, seconds } from "@frugal/core";
import type { EnergySampler } from "@frugal/machine";
import type { FunctionTally } from "./function-tally.ts";

const INTERVAL = seconds(1);

export interface SamplingParts {
  readonly clock: Clock;
  readonly sampler: EnergySampler;
  readonly tallies: ReadonlyMap<FunctionName, FunctionTally>;
  /** Gives what instances have used since the last time to their functions' tallies. */
  readonly countCpu: () => void;
}

export class Sampling {
  readonly #parts: SamplingParts;
  #cancel: () => void = () => undefined;

  constructor(parts: SamplingParts) {
    this.#parts = parts;
    this.#schedule();
  }

  sample(): void {
    this.#parts.countCpu();
    const used = new Map<FunctionName, Seconds>();
    for (const [name, tally] of this.#parts.tallies) used.set(name, tally.takeUnreportedCpu());
    this.#parts.sampler.sample(used);
  }

  stop(): void {
    this.#cancel();
  }

  #schedule(): void {
    const { clock } = this.#parts;
    this.#cancel = clock.at(plus(clock.now(), INTERVAL), () => {
      this.sample();
      this.#schedule();
    });
  }
}
