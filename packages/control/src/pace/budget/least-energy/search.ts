/**
 * Depth-first branch and bound over the choice of one option per stage.
 *
 * At the prices found, each option of a stage has a reduced cost: what it costs more than the stage's cheapest, in joules and
 * priced seconds. Any choice that fits costs at least the bound and the sum of its reduced costs, so that options that go
 * beyond the incumbent are left out from the start.
 *
 * In each branch every open stage is taken as slow as it could be if the other open ones were at their fastest. Where even that
 * is dearer than the incumbent, in joules or in reduced costs, the branch is left. Where all stages together fit like that,
 * nothing in the branch is cheaper. Else the longest path is too long by that, and its open stage that was slowed down most is
 * decided next.
 */
import type { Choice, ChoiceProblem } from "./choice-problem.ts";
import type { Incumbent } from "./incumbent.ts";
import type { Prices } from "./prices.ts";

/** What differs by less is rounding. */
const TOLERANCE = 1e-12;

/** What may become of a stage, by ascending latency. */
interface Candidates {
  readonly places: Int32Array;
  readonly latencies: Float64Array;
  readonly costs: Float64Array;
  readonly reduced: Float64Array;
  /** By candidate: the least reduced cost of it and the faster ones. */
  readonly leastReduced: Float64Array;
  /** Candidates by ascending reduced cost. */
  readonly order: readonly number[];
}

export class Search {
  readonly #problem: ChoiceProblem;
  readonly #incumbent: Incumbent;
  readonly #bound: number;
  readonly #candidates: readonly Candidates[];
  readonly #isDecided: Uint8Array;
  /** Of decided stages as decided, of open ones the least. */
  readonly #latencies: Float64Array;
  /** Of decided stages as decided, of open ones as slow as each could be by itself. */
  readonly #relaxed: Choice;
  readonly #relaxedLatencies: Float64Array;
  readonly #starts: Float64Array;
  readonly #tails: Float64Array;
  #left = 0;

  constructor(problem: ChoiceProblem, { bound, ofStages }: Prices, incumbent: Incumbent) {
    this.#problem = problem;
    this.#incumbent = incumbent;
    this.#bound = bound;
    const gap = incumbent.cost - bound;
    this.#candidates = problem.costs.map((_, stage) =>
      candidatesOf(problem, stage, ofStages[stage] ?? 0, gap),
    );
    this.#isDecided = new Uint8Array(problem.size);
    this.#latencies = Float64Array.from(this.#candidates, ({ latencies }) => latencies[0] ?? 0);
    this.#relaxed = new Int32Array(problem.size);
    this.#relaxedLatencies = this.#latencies.slice();
    this.#starts = new Float64Array(problem.size);
    this.#tails = new Float64Array(problem.size);
  }

  /** Improves the incumbent as far as can be; false where `limit` branches did not suffice. */
  run(limit: number): boolean {
    this.#left = limit;
    if (this.#fits(this.#latencies)) this.#descend(0, 0);
    return this.#left >= 0;
  }

  /** `reduced` and `cost` are those of the decided stages. */
  #descend(reduced: number, cost: number): void {
    if (this.#left-- <= 0) return;
    if (!this.#relax(reduced, cost)) return;
    if (this.#fits(this.#relaxedLatencies)) return this.#incumbent.accept(this.#relaxed);
    const stage = this.#stageToDecide();
    const candidates = this.#candidates[stage];
    if (candidates === undefined) return;
    const fastest = this.#latencies[stage] ?? 0;
    this.#isDecided[stage] = 1;
    for (const candidate of candidates.order) {
      const ofCandidate = candidates.reduced[candidate] ?? 0;
      if (this.#bound + reduced + ofCandidate >= this.#worth) break;
      this.#latencies[stage] = candidates.latencies[candidate] ?? 0;
      this.#relaxed[stage] = candidates.places[candidate] ?? 0;
      if (this.#fits(this.#latencies))
        this.#descend(reduced + ofCandidate, cost + (candidates.costs[candidate] ?? 0));
    }
    this.#isDecided[stage] = 0;
    this.#latencies[stage] = fastest;
  }

  /** What a choice must cost less than. */
  get #worth(): number {
    return this.#incumbent.cost * (1 - TOLERANCE);
  }

  #fits(latencies: Float64Array): boolean {
    return this.#problem.paths.longest(latencies) <= this.#problem.deadline;
  }

  /** Takes each open stage as slow as it could be by itself; false where that is too dear already. */
  #relax(reduced: number, cost: number): boolean {
    const { paths, deadline, size } = this.#problem;
    paths.starts(this.#latencies, this.#starts);
    paths.tails(this.#latencies, this.#tails);
    let [reducedSum, costSum] = [this.#bound + reduced, cost];
    for (let stage = 0; stage < size; stage++) {
      const candidates = this.#candidates[stage];
      const latency = this.#latencies[stage] ?? 0;
      this.#relaxedLatencies[stage] = latency;
      if (this.#isDecided[stage] === 1 || candidates === undefined) continue;
      const slack = deadline * (1 + TOLERANCE) - (this.#starts[stage] ?? 0) - (this.#tails[stage] ?? 0);
      const repeats = paths.repeats[stage] ?? 0;
      const slowest = lastWithin(candidates.latencies, repeats > 0 ? latency + slack / repeats : Infinity);
      this.#relaxed[stage] = candidates.places[slowest] ?? 0;
      this.#relaxedLatencies[stage] = candidates.latencies[slowest] ?? 0;
      reducedSum += candidates.leastReduced[slowest] ?? 0;
      costSum += candidates.costs[slowest] ?? 0;
    }
    return reducedSum < this.#worth && costSum < this.#worth;
  }

  /** Of the open stages on the path that is too long when relaxed, the one that was slowed down most; -1 where all are decided. */
  #stageToDecide(): number {
    const { paths } = this.#problem;
    let [widest, width] = [-1, -1];
    for (const stage of paths.critical(this.#relaxedLatencies).stages) {
      const added = (this.#relaxedLatencies[stage] ?? 0) - (this.#latencies[stage] ?? 0);
      const time = (paths.repeats[stage] ?? 0) * added;
      if (this.#isDecided[stage] === 0 && time > width) [widest, width] = [stage, time];
    }
    return widest;
  }
}

/** The options of a stage that can be part of something better than the incumbent, which is `gap` above the bound. */
function candidatesOf(problem: ChoiceProblem, stage: number, price: number, gap: number): Candidates {
  const costs = problem.costs[stage] ?? new Float64Array();
  const latencies = problem.latencies[stage] ?? new Float64Array();
  const priced = costs.map((cost, place) => cost + price * (latencies[place] ?? 0));
  const least = Math.min(...priced);
  const places = Int32Array.from(priced.keys()).filter((place) => (priced[place] ?? 0) - least <= gap);
  const reduced = Float64Array.from(places, (place) => (priced[place] ?? 0) - least);
  let running = Infinity;
  return {
    places,
    latencies: Float64Array.from(places, (place) => latencies[place] ?? 0),
    costs: Float64Array.from(places, (place) => costs[place] ?? 0),
    reduced,
    leastReduced: reduced.map((cost) => (running = Math.min(running, cost))),
    order: [...places.keys()].sort((a, b) => (reduced[a] ?? 0) - (reduced[b] ?? 0)),
  };
}

/** Index of the last of the ascending `values` that is at most `limit`; 0 where none is. */
function lastWithin(values: Float64Array, limit: number): number {
  let [low, high] = [0, values.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) <= limit) low = middle;
    else high = middle;
  }
  return low;
}
