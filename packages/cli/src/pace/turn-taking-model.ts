/**
 * Predictions for functions of which nothing is known but their names: each is work of one of the reference server's kinds, and
 * short or long; the kinds and the sizes take turns.
 */
import {
  type ClockGrid,
  type FunctionName,
  gridSetting,
  gridSize,
  type PayloadSize,
  payloadSize,
  type Ratio,
  type StageKey,
} from "@frugal/core";
import type { ReferenceMachine, StageModel, TypicalWork } from "@frugal/predict";

/** Executions at the highest clocks. */
const SIZES_SECONDS = [0.05, 0.15, 0.3] as const;
const BUSY_CORES = 1;

export class TurnTakingModel implements StageModel {
  readonly grid: ClockGrid;
  readonly #machine: ReferenceMachine;
  readonly #deviation: Ratio;
  /** In the order in which they were asked for. */
  readonly #functions: StageKey[] = [];

  constructor(machine: ReferenceMachine, deviation: Ratio) {
    this.grid = machine.grid;
    this.#machine = machine;
    this.#deviation = deviation;
  }

  keyFor(key: StageKey): StageKey {
    return key;
  }

  predict(key: StageKey, _payload: PayloadSize, latencies: Float64Array, powers: Float64Array): boolean {
    const place = this.#placeOf(key);
    const { classes, defaultShares } = this.#machine;
    const shares = classes[place % classes.length]?.shares ?? defaultShares;
    const least = SIZES_SECONDS[place % SIZES_SECONDS.length] ?? 0;
    for (let i = 0; i < gridSize(this.grid); i++) {
      const setting = gridSetting(this.grid, i);
      latencies[i] = least * this.#machine.stretch(shares, setting);
      powers[i] = this.#machine.executionPower(BUSY_CORES, setting);
    }
    return true;
  }

  typical(fn: FunctionName): TypicalWork {
    return { key: fn, payload: payloadSize(0) };
  }

  deviation(): Ratio {
    return this.#deviation;
  }

  /** Nothing runs, so there is nothing to learn. */
  observe(): void {
    return;
  }

  forget(): void {
    return;
  }

  #placeOf(key: StageKey): number {
    const known = this.#functions.indexOf(key);
    return known === -1 ? this.#functions.push(key) - 1 : known;
  }
}
