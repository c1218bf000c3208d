/**
 * The best choice found so far. What is offered is made to fit first, then made cheaper stage by stage as long as it fits.
 */
import type { Choice, ChoiceProblem } from "./choice-problem.ts";

interface Change {
  readonly stage: number;
  readonly place: number;
  readonly merit: number;
}

export class Incumbent {
  readonly #problem: ChoiceProblem;
  readonly #starts: Float64Array;
  readonly #tails: Float64Array;
  #choice: Choice;
  #cost: number;

  /** The fastest choice fits. */
  constructor(problem: ChoiceProblem) {
    this.#problem = problem;
    this.#starts = new Float64Array(problem.size);
    this.#tails = new Float64Array(problem.size);
    this.#choice = new Int32Array(problem.size);
    this.#cost = problem.costOf(this.#choice);
  }

  get choice(): Choice {
    return this.#choice;
  }

  get cost(): number {
    return this.#cost;
  }

  offer(offered: Choice): void {
    const choice = offered.slice();
    this.#repair(choice);
    this.#improve(choice);
    this.accept(choice);
  }

  /** Takes a choice that fits as it is, where it is the best. */
  accept(choice: Choice): void {
    const cost = this.#problem.costOf(choice);
    if (cost >= this.#cost) return;
    this.#cost = cost;
    this.#choice = choice.slice();
  }

  /** Quickens a stage of the longest path, the cheapest for what it brings, until all paths fit. */
  #repair(choice: Choice): void {
    for (;;) {
      const critical = this.#problem.paths.critical(this.#problem.chosen(choice));
      const excess = critical.latency - this.#problem.deadline;
      if (excess <= 0) return;
      let best: Change | undefined;
      for (const stage of critical.stages) {
        for (let place = 0; place < (choice[stage] ?? 0); place++) {
          const gain = Math.min(-this.#timeOf(stage, choice, place), excess);
          const merit = gain / this.#costOf(stage, choice, place);
          if (merit > (best?.merit ?? 0)) best = { stage, place, merit };
        }
      }
      if (best === undefined) return void choice.fill(0);
      choice[best.stage] = best.place;
    }
  }

  /** Slows the stage that saves most down, as long as one can be slowed down. */
  #improve(choice: Choice): void {
    for (;;) {
      const { paths, deadline } = this.#problem;
      const chosen = this.#problem.chosen(choice);
      paths.starts(chosen, this.#starts);
      paths.tails(chosen, this.#tails);
      let best: Change | undefined;
      for (let stage = 0; stage < this.#problem.size; stage++) {
        const slack = deadline - (this.#starts[stage] ?? 0) - (this.#tails[stage] ?? 0);
        const places = this.#problem.latencies[stage]?.length ?? 0;
        for (let place = (choice[stage] ?? 0) + 1; place < places; place++) {
          if (this.#timeOf(stage, choice, place) > slack) break;
          const merit = -this.#costOf(stage, choice, place);
          if (merit > (best?.merit ?? 0)) best = { stage, place, merit };
        }
      }
      if (best === undefined) return;
      const before = choice[best.stage] ?? 0;
      choice[best.stage] = best.place;
      if (this.#problem.fits(choice)) continue;
      choice[best.stage] = before;
      return;
    }
  }

  /** What `place` adds to the time of the stage on its paths. */
  #timeOf(stage: number, choice: Choice, place: number): number {
    const latencies = this.#problem.latencies[stage];
    const added = (latencies?.[place] ?? 0) - (latencies?.[choice[stage] ?? 0] ?? 0);
    return (this.#problem.paths.repeats[stage] ?? 0) * added;
  }

  #costOf(stage: number, choice: Choice, place: number): number {
    const costs = this.#problem.costs[stage];
    return (costs?.[place] ?? 0) - (costs?.[choice[stage] ?? 0] ?? 0);
  }
}
