/**
 * When a stage should start by its workflow's budgets: the slack of a run is this less the time that has passed.
 *
 * It should start when the longest path by budgets up to it ends. In a loop that is true of nothing but the last time around:
 * the stages of the loop that come before are still to be executed again. There, an execution should start when as much
 * is left of the longest path through the stage as the budgets of the executions still to come.
 */
import { type Seconds, seconds } from "@frugal/core";
import type { Paths } from "../budget/paths.ts";

export class PlannedStarts {
  readonly #paths: Paths;
  readonly #budgets: readonly Seconds[];
  readonly #starts: Float64Array;
  readonly #tails: Float64Array;
  readonly #budgetsLeft: Float64Array;
  readonly #longestLeft: Float64Array;

  constructor(paths: Paths, budgets: readonly Seconds[]) {
    this.#paths = paths;
    this.#budgets = budgets;
    this.#starts = new Float64Array(paths.size);
    this.#tails = new Float64Array(paths.size);
    this.#budgetsLeft = new Float64Array(paths.size);
    this.#longestLeft = new Float64Array(paths.size);
    paths.starts(budgets, this.#starts);
    paths.tails(budgets, this.#tails);
  }

  /** Since the run's start. `executed`: how often each stage was executed in this run already. */
  of(stage: number, executed: ArrayLike<number>): Seconds {
    const start = this.#starts[stage] ?? 0;
    if ((this.#paths.repeats[stage] ?? 1) <= 1) return seconds(start);
    const through = start + (this.#tails[stage] ?? 0);
    return seconds(through - this.#before(stage, executed) - this.#after(stage, executed));
  }

  /** Longest path to the stage of what is still to come: of loops that are under way. What was left out does not come. */
  #before(stage: number, executed: ArrayLike<number>): number {
    for (const [index, budget] of this.#budgets.entries())
      this.#budgetsLeft[index] = (executed[index] ?? 0) > 0 ? this.#shareLeft(index, executed) * budget : 0;
    this.#paths.starts(this.#budgetsLeft, this.#longestLeft);
    return this.#longestLeft[stage] ?? 0;
  }

  /** Longest path from the stage on of what is still to come. */
  #after(stage: number, executed: ArrayLike<number>): number {
    for (const [index, budget] of this.#budgets.entries())
      this.#budgetsLeft[index] = this.#shareLeft(index, executed) * budget;
    this.#paths.tails(this.#budgetsLeft, this.#longestLeft);
    return this.#longestLeft[stage] ?? 0;
  }

  #shareLeft(stage: number, executed: ArrayLike<number>): number {
    const repeats = this.#paths.repeats[stage] ?? 0;
    return repeats > 0 ? Math.max(0, 1 - (executed[stage] ?? 0) / repeats) : 0;
  }
}
