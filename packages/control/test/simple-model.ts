/**
 * A stage model for tests: every function that was seen computes for one second at the highest core clock, 2 J, and half of its time
 * does not depend on the core's clock; one in ten parts depends on the uncore's.
 */
import {
  type ClockGrid,
  type FunctionName,
  functionOf,
  gridSetting,
  gridSize,
  hertz,
  type PayloadSize,
  payloadSize,
  type Ratio,
  ratio,
  type StageKey,
} from "@frugal/core";
import type { StageModel, StageObservation, TypicalWork } from "@frugal/predict";

export class SimpleModel implements StageModel {
  readonly grid: ClockGrid;
  readonly observations: StageObservation[] = [];
  readonly #seen = new Map<StageKey, PayloadSize>();

  constructor(grid: ClockGrid) {
    this.grid = grid;
  }

  /** As if there had been an execution before. */
  know(key: StageKey, payload: PayloadSize = payloadSize(100)): void {
    this.#seen.set(key, payload);
  }

  keyFor(key: StageKey): StageKey {
    return key;
  }

  predict(key: StageKey, _payload: PayloadSize, latencies: Float64Array, powers: Float64Array): boolean {
    if (!this.#seen.has(key)) return false;
    const highest = gridSetting(this.grid, gridSize(this.grid) - 1);
    for (let index = 0; index < gridSize(this.grid); index++) {
      const { core, uncore = hertz(1) } = gridSetting(this.grid, index);
      const [cf, uf] = [core / highest.core, uncore / (highest.uncore ?? 1)];
      latencies[index] = 0.4 + 0.5 / cf + 0.1 / uf;
      powers[index] = 0.2 + 1.4 * cf ** 3 + 0.4 * uf ** 2;
    }
    return true;
  }

  /** The first that was seen. */
  typical(fn: FunctionName): TypicalWork | undefined {
    for (const [key, payload] of this.#seen) if (functionOf(key) === fn) return { key, payload };
    return undefined;
  }

  deviation(): Ratio {
    return ratio(0);
  }

  observe(observation: StageObservation): void {
    this.observations.push(observation);
    this.know(observation.key, observation.payload);
  }

  forget(fn: FunctionName): void {
    for (const key of this.#seen.keys()) if (functionOf(key) === fn) this.#seen.delete(key);
  }
}
