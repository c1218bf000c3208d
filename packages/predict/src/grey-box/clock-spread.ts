/**
 * How much the clocks of the observed executions varied: whether the time of the parts could be told apart at all.
 */
import type { ClockShares } from "./clock-bases.ts";

/** Rows after which one has faded to 1/e; as in the fit. */
const KEPT = 1 - 1 / 4096;
/** A part is known by its clock once that varied by this much (standard deviation / mean of 1/clock) ... */
const ENOUGH = 0.05;
/** ... in this many executions. */
const FEW = 30;

/** Of 1/x, x being a clock's share of the highest. */
export interface ClockSums {
  readonly sum: number;
  readonly squares: number;
}

/** A spread as data. */
export interface ClockSpreadState {
  readonly executions: number;
  readonly core: ClockSums;
  readonly uncore: ClockSums;
}

export class ClockSpread {
  #executions = 0;
  #core: ClockSums = { sum: 0, squares: 0 };
  #uncore: ClockSums = { sum: 0, squares: 0 };

  get state(): ClockSpreadState {
    return { executions: this.#executions, core: this.#core, uncore: this.#uncore };
  }

  /** Whether the core clock's effect could be seen. */
  get hasCore(): boolean {
    return this.#varied(this.#core);
  }

  get hasUncore(): boolean {
    return this.#varied(this.#uncore);
  }

  restore({ executions, core, uncore }: ClockSpreadState): void {
    this.#executions = executions;
    this.#core = core;
    this.#uncore = uncore;
  }

  add({ core, uncore }: ClockShares): void {
    this.#executions = this.#executions * KEPT + 1;
    this.#core = added(this.#core, 1 / core);
    this.#uncore = added(this.#uncore, 1 / uncore);
  }

  #varied({ sum, squares }: ClockSums): boolean {
    const mean = sum / this.#executions;
    const variance = squares / this.#executions - mean ** 2;
    return this.#executions >= FEW && variance > (ENOUGH * mean) ** 2;
  }
}

const added = ({ sum, squares }: ClockSums, value: number): ClockSums => ({
  sum: sum * KEPT + value,
  squares: squares * KEPT + value ** 2,
});
