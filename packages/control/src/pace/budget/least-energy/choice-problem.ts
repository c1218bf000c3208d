/**
 * The choice of one option per stage so that all paths fit the deadline, as plain arrays: a multiple-choice knapsack problem
 * with one constraint per path.
 *
 * A choice is the place of an option for each stage; options are by ascending latency and descending energy.
 */
import type { BudgetProblem } from "../budget-method.ts";
import { type StageOption, worthChoosing } from "../front.ts";
import { Paths } from "../paths.ts";

/** A stage that no run came by weighs next to nothing, so that it is no faster than need be either. */
const LEAST_WEIGHT = 1e-9;

export type Choice = Int32Array;

export class ChoiceProblem {
  readonly size: number;
  readonly paths: Paths;
  readonly deadline: number;
  readonly options: readonly (readonly StageOption[])[];
  /** By stage and place: seconds of one execution. */
  readonly latencies: readonly Float64Array[];
  /** By stage and place: expected joules per run. */
  readonly costs: readonly Float64Array[];
  readonly #chosen: Float64Array;

  constructor({ graph, options, deadline }: BudgetProblem) {
    this.size = graph.stages.length;
    this.paths = new Paths(graph);
    this.deadline = deadline;
    this.options = options.map((ofStage) => worthChoosing(ofStage, "energy"));
    this.latencies = this.options.map((ofStage) => Float64Array.from(ofStage, ({ latency }) => latency));
    this.costs = this.options.map((ofStage, stage) => {
      const weight = Math.max(LEAST_WEIGHT, graph.stages[stage]?.visits ?? 0);
      return Float64Array.from(ofStage, ({ energy }) => weight * energy);
    });
    this.#chosen = new Float64Array(this.size);
  }

  /** Latencies by stage under `choice`; overwritten by the next call. */
  chosen(choice: Choice): Float64Array {
    for (let stage = 0; stage < this.size; stage++)
      this.#chosen[stage] = this.latencies[stage]?.[choice[stage] ?? 0] ?? 0;
    return this.#chosen;
  }

  costOf(choice: Choice): number {
    let cost = 0;
    for (let stage = 0; stage < this.size; stage++) cost += this.costs[stage]?.[choice[stage] ?? 0] ?? 0;
    return cost;
  }

  fits(choice: Choice): boolean {
    return this.paths.longest(this.chosen(choice)) <= this.deadline;
  }

  /** For each stage the slowest option within `latencies`. */
  within(latencies: readonly number[]): Choice {
    return Int32Array.from(this.latencies, (ofStage, stage) =>
      Math.max(
        0,
        ofStage.findLastIndex((latency) => latency <= (latencies[stage] ?? 0)),
      ),
    );
  }
}
