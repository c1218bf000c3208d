/**
 * Power of the machine at rest, learnt from a sensor that cannot tell: the lowest power seen, corrected for the work that was
 * done at that moment.
 *
 * While the machine has never been idle, even the lowest power contains work. What share of it is rest is taken from a model:
 * with a linear power P(u) = idle + (full - idle) u, the idle part of P(u) is idle / P(u). On an idle machine (u = 0) the share
 * is 1 and the lowest power is used as it is.
 */
import { ratio, type Ratio, scaled, type Seconds, seconds, type Watts } from "@frugal/core";
import type { PowerModel } from "../energy/energy-meter.ts";

/** Shorter intervals are too noisy to be a minimum. */
const SHORTEST_INTERVAL = seconds(0.5);

export class IdlePower {
  readonly #model: PowerModel | undefined;
  readonly #threads: number;
  #lowest: { readonly power: Watts; readonly use: Ratio } | undefined;

  /** `model` gives the share of rest in the power under load; without it, the lowest power counts as rest. */
  constructor(threads: number, model: PowerModel | undefined) {
    this.#threads = threads;
    this.#model = model;
  }

  /** The machine drew `power` on average over `interval` while its threads were busy to the share `use`. */
  observe(power: Watts, use: Ratio, interval: Seconds): void {
    if (interval < SHORTEST_INTERVAL) return;
    if (this.#lowest === undefined || power < this.#lowest.power) this.#lowest = { power, use };
  }

  /** Undefined before the first observation. */
  get estimate(): Watts | undefined {
    if (this.#lowest === undefined) return undefined;
    return scaled(this.#lowest.power, this.#restShare(this.#lowest.use));
  }

  /** How `estimate` came about, for people. */
  get basis(): string {
    if (this.#lowest === undefined) return "idle power not known yet";
    const { power, use } = this.#lowest;
    const seen = `${power.toFixed(1)} W, the lowest so far, at ${(use * 100).toFixed(0)} % use`;
    return this.#model === undefined
      ? `idle power taken as ${seen}`
      : `idle power estimated from ${seen}, and a reference server's idle share`;
  }

  #restShare(use: Ratio): Ratio {
    if (this.#model === undefined) return ratio(1);
    const { idle, perBusyThread } = this.#model;
    return ratio(idle / (idle + perBusyThread * this.#threads * use));
  }
}
