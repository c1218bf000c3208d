/**
 * Budgets that merely fit: per-function targets, of the latencies that its clocks can reach, that use the deadline up along the
 * critical path. Source: kypous, section 4, equation 2.
 *
 * Many combinations of targets come equally close to the deadline, and the paper does not say which it takes, nor what it
 * means by functions elsewhere "resembling" the critical path. Reconstruction:
 *   1. The critical path is the longest by least latencies.
 *   2. Its stages are stretched alike: each target is the longest reachable latency within s times the least one, with the
 *      largest s that fits. What is left is used up by single stages that go on to a slower target, the best fit first.
 *   3. Each other stage is stretched like the stage of the critical path that it resembles: one of the same function, else the
 *      one that runs beside it.
 *   4. Where a path is too long by that, those of its stages that are not critical are tightened, the most stretched first. It
 *      fits at the latest when they are at their least latencies: beside them the critical path is no shorter.
 */
import { joules, type Seconds } from "@frugal/core";
import {
  type BudgetMethod,
  type BudgetProblem,
  type Budgets,
  fastestOf,
  type Infeasible,
} from "./budget-method.ts";
import type { StageOption } from "./front.ts";
import { Paths } from "./paths.ts";

export const fit: BudgetMethod = {
  summary: "reachable latencies that use the deadline up along the critical path",
  front: "power",
  plan(problem) {
    const targets = new Targets(problem);
    const smallest = targets.paths.longest(targets.latencies);
    if (smallest > problem.deadline) return { kind: "infeasible", smallest } satisfies Infeasible;
    const critical = targets.paths.critical(targets.latencies).stages;
    targets.stretchAlike(critical);
    targets.useUp(critical);
    targets.stretchOthers(critical);
    targets.tighten(critical);
    return budgetsOf(problem, targets);
  },
};

/** A target per stage, by its place among the stage's options. */
class Targets {
  readonly paths: Paths;
  readonly latencies: Float64Array;
  readonly #problem: BudgetProblem;
  readonly #least: Float64Array;
  readonly #places: Int32Array;

  constructor(problem: BudgetProblem) {
    this.paths = new Paths(problem.graph);
    this.latencies = fastestOf(problem.options);
    this.#problem = problem;
    this.#least = this.latencies.slice();
    this.#places = new Int32Array(problem.options.length);
  }

  get choices(): StageOption[] {
    return this.#problem.options.flatMap((options, stage) => options[this.#places[stage] ?? 0] ?? []);
  }

  stretchAlike(critical: readonly number[]): void {
    const reachable = critical
      .flatMap((stage) => this.#optionsOf(stage).map(({ latency }) => latency / this.#leastOf(stage)))
      .filter((stretch) => stretch >= 1)
      .sort((a, b) => a - b);
    let [fitting, tooLong] = [-1, reachable.length];
    while (tooLong - fitting > 1) {
      const middle = (fitting + tooLong) >> 1;
      for (const stage of critical) this.#stretch(stage, reachable[middle] ?? 1);
      if (this.#timeOf(critical) <= this.#problem.deadline) fitting = middle;
      else tooLong = middle;
    }
    for (const stage of critical) this.#stretch(stage, reachable[fitting] ?? 1);
  }

  useUp(critical: readonly number[]): void {
    for (;;) {
      const left = this.#problem.deadline - this.#timeOf(critical);
      let best: { stage: number; place: number; gain: number } | undefined;
      for (const stage of critical) {
        const repeats = this.paths.repeats[stage] ?? 0;
        for (const [place, { latency }] of this.#optionsOf(stage).entries()) {
          const gain = repeats * (latency - (this.latencies[stage] ?? 0));
          if (gain <= left && gain > (best?.gain ?? 0)) best = { stage, place, gain };
        }
      }
      if (best === undefined) return;
      const before = this.#places[best.stage] ?? 0;
      this.#put(best.stage, best.place);
      // The sum can round up to more than the deadline where the gain fits by a hair.
      if (this.#timeOf(critical) > this.#problem.deadline) return this.#put(best.stage, before);
    }
  }

  stretchOthers(critical: readonly number[]): void {
    const starts = new Float64Array(this.paths.size);
    this.paths.starts(this.#least, starts);
    const middleOf = (stage: number): number =>
      (starts[stage] ?? 0) + ((this.paths.repeats[stage] ?? 0) * (this.#least[stage] ?? 0)) / 2;
    const functionOf = (stage: number): string | undefined => this.#problem.graph.stages[stage]?.function;
    const stretches = new Map(critical.map((stage) => [stage, this.#stretchOf(stage)]));
    for (let stage = 0; stage < this.paths.size; stage++) {
      if (stretches.has(stage)) continue;
      const distance = (other: number): number => Math.abs(middleOf(other) - middleOf(stage));
      const alike = critical.filter(
        (other) => functionOf(stage) !== undefined && functionOf(other) === functionOf(stage),
      );
      const resembled = (alike.length > 0 ? alike : critical).reduce((best, other) =>
        distance(other) < distance(best) ? other : best,
      );
      this.#stretch(stage, stretches.get(resembled) ?? 1);
    }
  }

  tighten(critical: readonly number[]): void {
    for (;;) {
      const longest = this.paths.critical(this.latencies);
      if (longest.latency <= this.#problem.deadline) return;
      const loose = longest.stages.filter((stage) => !critical.includes(stage) && this.#places[stage] !== 0);
      const [first] = loose.sort((a, b) => this.#stretchOf(b) - this.#stretchOf(a));
      if (first === undefined) return;
      this.#put(first, (this.#places[first] ?? 0) - 1);
    }
  }

  #timeOf(path: readonly number[]): number {
    return path.reduce(
      (sum, stage) => sum + (this.paths.repeats[stage] ?? 0) * (this.latencies[stage] ?? 0),
      0,
    );
  }

  #stretchOf(stage: number): number {
    return (this.latencies[stage] ?? 0) / this.#leastOf(stage);
  }

  /** The stage's longest latency within `stretch` times its least; a hair more, for what is `stretch` times it exactly. */
  #stretch(stage: number, stretch: number): void {
    const longest = stretch * (this.#least[stage] ?? 0) * (1 + 1e-12);
    this.#put(
      stage,
      Math.max(
        0,
        this.#optionsOf(stage).findLastIndex(({ latency }) => latency <= longest),
      ),
    );
  }

  #put(stage: number, place: number): void {
    this.#places[stage] = place;
    this.latencies[stage] = this.#optionsOf(stage)[place]?.latency ?? 0;
  }

  /** Of what takes no time at all, the stretch is 1. */
  #leastOf(stage: number): number {
    return (this.#least[stage] ?? 0) || (this.latencies[stage] ?? 0) || 1;
  }

  #optionsOf(stage: number): readonly StageOption[] {
    return this.#problem.options[stage] ?? [];
  }
}

function budgetsOf({ graph, options }: BudgetProblem, targets: Targets): Budgets {
  const visits = (stage: number): number => graph.stages[stage]?.visits ?? 0;
  let [energy, bound] = [0, 0];
  for (const [stage, choice] of targets.choices.entries()) {
    energy += visits(stage) * choice.energy;
    bound += visits(stage) * Math.min(...(options[stage] ?? []).map((option) => option.energy));
  }
  return {
    kind: "budgets",
    budgets: targets.choices.map(({ latency }): Seconds => latency),
    choices: targets.choices,
    energy: joules(energy),
    bound: joules(bound),
    isOptimal: energy <= bound,
  };
}
