/**
 * A stage model for tests: functions of known cycles. Work of the core grows with the payload, work of the uncore and of memory
 * does not.
 */
import {
  type ClockGrid,
  type FunctionName,
  gigahertz,
  gridSetting,
  gridSize,
  hertz,
  type PayloadSize,
  payloadSize,
  type Ratio,
  type StageKey,
} from "@frugal/core";
import type { StageModel, TypicalWork } from "@frugal/predict";

export interface Work {
  /** Core cycles for each byte of payload, uncore cycles, and seconds at no clock. */
  readonly core: number;
  readonly uncore: number;
  readonly fixed: number;
}

const tenths = (from: number, to: number): ReturnType<typeof hertz>[] =>
  Array.from({ length: to - from + 1 }, (_, index) => gigahertz((from + index) / 10));

/** The reference machine's: 14 core clocks and 18 uncore clocks. */
export const paperGrid: ClockGrid = { core: tenths(12, 25), uncore: tenths(12, 29) };

export class GreyModel implements StageModel {
  readonly grid: ClockGrid;
  readonly #works: ReadonlyMap<StageKey, Work>;
  readonly #deviation: Ratio | undefined;

  constructor(works: ReadonlyMap<StageKey, Work>, grid = paperGrid, deviation?: Ratio) {
    this.grid = grid;
    this.#works = works;
    this.#deviation = deviation;
  }

  keyFor(key: StageKey): StageKey {
    return key;
  }

  predict(key: StageKey, payload: PayloadSize, latencies: Float64Array, powers: Float64Array): boolean {
    const work = this.#works.get(key);
    if (work === undefined) return false;
    for (let setting = 0; setting < gridSize(this.grid); setting++) {
      const { core, uncore = hertz(2e9) } = gridSetting(this.grid, setting);
      const latency = (work.core * payload) / core + work.uncore / uncore + work.fixed;
      const busy = (work.core * payload) / core / latency;
      latencies[setting] = latency;
      powers[setting] = 2 + 0.4 * busy * (core / 1e9) ** 3 + 0.5 * (uncore / 1e9) ** 2;
    }
    return true;
  }

  typical(fn: FunctionName): TypicalWork | undefined {
    return this.#works.has(fn) ? { key: fn, payload: payloadSize(1000) } : undefined;
  }

  deviation(): Ratio | undefined {
    return this.#deviation;
  }

  observe(): void {
    // What it knows is given.
  }

  forget(): void {
    // What it knows is given.
  }
}
