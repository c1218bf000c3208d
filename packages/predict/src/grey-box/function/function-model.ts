/**
 * What is known of one function, or one variant of it, beside its counters: its last executions, and how it differs from what the global weights say.
 */
import { payloadSize, type StageKey } from "@frugal/core";
import { fillPowerFactors, powerFactorCount, timeFactorCount } from "../clock-bases.ts";
import { dot } from "../../regression/regressor.ts";
import type { GlobalModel } from "../global-model.ts";
import type { ExecutionState } from "../model-state.ts";
import {
  type Comparison,
  deviationOf,
  noShift,
  ratioOf,
  type Shares,
  shareShift,
  shifted,
  shrunkRatio,
} from "./correction.ts";
import { type RecentExecution, RecentExecutions } from "./recent-executions.ts";

/** Seconds; nothing takes less. */
const SHORTEST = 1e-7;

export class FunctionModel {
  readonly recent = new RecentExecutions();
  readonly #time = new Float64Array(timeFactorCount);
  readonly #power = new Float64Array(powerFactorCount);
  readonly #powerFactors = new Float64Array(powerFactorCount);
  #isCorrect = true;
  #shift: Shares = noShift;
  #powerRatio = 1;
  #deviation: number | undefined;

  /** Standard deviation of measured / predicted latency; undefined before a few executions. */
  get deviation(): number | undefined {
    return this.#deviation;
  }

  /** The last executions as data, oldest first. */
  get rows(): readonly ExecutionState[] {
    return this.recent.all.map(({ power, ...execution }) => ({
      ...execution,
      power: Number.isNaN(power) ? null : power,
    }));
  }

  observe(execution: RecentExecution): void {
    this.recent.add(execution);
    this.#isCorrect = false;
  }

  /** The global weights have changed. */
  outdate(): void {
    this.#isCorrect = false;
  }

  /** Compares the last executions with the global weights, where that is not done yet. */
  correct(key: StageKey, global: GlobalModel): void {
    if (this.#isCorrect) return;
    this.#isCorrect = true;
    const executions = this.recent.all;
    const comparisons = executions.map((execution) => this.#compare(key, global, execution));
    this.#shift = shareShift(comparisons);
    this.#deviation = deviationOf(comparisons.map((comparison) => ratioOf(comparison, this.#shift)));
    this.#powerRatio = 1;
    const ratios: number[] = [];
    for (const execution of executions) {
      if (Number.isNaN(execution.power)) continue;
      global.look(key, payloadSize(execution.payload));
      this.fillParts(global, this.#time, this.#power);
      fillPowerFactors(execution, this.#powerFactors);
      const predicted = dot(this.#power, this.#powerFactors);
      if (predicted > 0) ratios.push(execution.power / predicted);
    }
    this.#powerRatio = shrunkRatio(ratios);
  }

  /** Fills the seconds and watts of each factor of the execution that `global` looks at; its seconds at the highest clocks. */
  fillParts(global: GlobalModel, time: Float64Array, power: Float64Array): number {
    global.timeParts(time);
    const [core = 0, uncore = 0, memory = 0] = time;
    const whole = core + uncore + memory;
    const [coreShift, uncoreShift, memoryShift] = this.#shift;
    time[0] = shifted(core, whole * coreShift);
    time[1] = shifted(uncore, whole * uncoreShift);
    time[2] = shifted(memory, whole * memoryShift);
    let seconds = time[0] + time[1] + time[2];
    if (seconds < SHORTEST) {
      time[2] += SHORTEST - seconds;
      seconds = SHORTEST;
    }
    global.powerParts(seconds, power);
    for (let i = 0; i < powerFactorCount; i++) power[i] = (power[i] ?? 0) * this.#powerRatio;
    return seconds;
  }

  #compare(key: StageKey, global: GlobalModel, execution: RecentExecution): Comparison {
    global.look(key, payloadSize(execution.payload));
    global.timeParts(this.#time);
    const [core = 0, uncore = 0, memory = 0] = this.#time;
    const whole = Math.max(core + uncore + memory, SHORTEST);
    return {
      // Of what is predicted to take no time, all is taken to be memory's.
      shares: [core / whole, uncore / whole, 1 - (core + uncore) / whole],
      factors: [1 / execution.core, 1 / execution.uncore, 1],
      time: execution.latency / whole,
    };
  }
}

/** A function with executions as `rows` gave them out. */
export function restoredFunction(rows: readonly ExecutionState[]): FunctionModel {
  const restored = new FunctionModel();
  for (const { power, ...execution } of rows) restored.observe({ ...execution, power: power ?? NaN });
  return restored;
}
