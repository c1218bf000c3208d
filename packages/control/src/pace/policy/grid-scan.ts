/**
 * A stage at every clock setting, as a model predicts it, and the setting to choose of them. Arrays are made once, so that a
 * decision among hundreds of settings makes no garbage.
 */
import {
  energyOf,
  gridSize,
  type Joules,
  type PayloadSize,
  type Seconds,
  seconds,
  type StageKey,
  watts,
} from "@frugal/core";
import type { StageModel } from "@frugal/predict";
import type { FrontCost } from "../budget/front.ts";

export class GridScan {
  readonly #model: StageModel;
  readonly #latencies: Float64Array;
  readonly #powers: Float64Array;
  readonly #first: number;
  readonly #step: number;

  /** `uncore`: the place of the only uncore clock that is looked at; undefined: all are. */
  constructor(model: StageModel, uncore: number | undefined) {
    this.#model = model;
    this.#latencies = new Float64Array(gridSize(model.grid));
    this.#powers = new Float64Array(this.#latencies.length);
    this.#first = Math.max(0, uncore ?? 0);
    this.#step = uncore === undefined ? 1 : Math.max(1, model.grid.uncore.length);
  }

  /** False where nothing is known of the key. */
  predict(key: StageKey, payload: PayloadSize): boolean {
    return this.#model.predict(key, payload, this.#latencies, this.#powers);
  }

  /** Number of the setting of least `cost` that takes at most `longest`; of equal ones the faster. -1 where none does. */
  cheapestWithin(longest: Seconds, cost: FrontCost): number {
    const byEnergy = cost === "energy";
    let best = -1;
    let least = Infinity;
    for (let setting = this.#first; setting < this.#latencies.length; setting += this.#step) {
      const latency = this.#latencies[setting] ?? Infinity;
      if (latency > longest) continue;
      const power = this.#powers[setting] ?? Infinity;
      const spent = byEnergy ? power * latency : power;
      if (spent > least || (spent === least && latency >= (this.#latencies[best] ?? Infinity))) continue;
      least = spent;
      best = setting;
    }
    return best;
  }

  /** The least latency of all settings. */
  get least(): Seconds {
    let least = Infinity;
    for (let setting = this.#first; setting < this.#latencies.length; setting += this.#step)
      least = Math.min(least, this.#latencies[setting] ?? Infinity);
    return seconds(least);
  }

  latencyOf(setting: number): Seconds {
    return seconds(this.#latencies[setting] ?? Infinity);
  }

  energyOf(setting: number): Joules {
    return energyOf(watts(this.#powers[setting] ?? Infinity), this.latencyOf(setting));
  }
}
