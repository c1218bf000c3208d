/**
 * Prices of time: how many joules a second less on each path is worth (the Lagrangian dual of the choice).
 *
 * With a price for each path, each stage chooses for itself what costs least in joules and priced seconds; the sum, less the
 * deadline at all prices, is a bound that no choice that fits can go below, whatever the prices (weak duality). The prices of
 * the paths through a stage add up to the stage's, so that prices are a flow from the graph's first stages to its last ones. The
 * bound is concave in the prices. It is raised path by path, each to its best price by bisection, and, where paths share stages
 * and that gets stuck, by steps along the paths' excess times (subgradients with Polyak's step length). Paths come in when they
 * are the longest by what the stages choose.
 */
import type { Choice, ChoiceProblem } from "./choice-problem.ts";
import type { Incumbent } from "./incumbent.ts";

const ROUNDS = 12;
const STEPS = 20;
const BISECTIONS = 60;

export interface Prices {
  readonly bound: number;
  /** By stage: joules for a second of one execution. */
  readonly ofStages: Float64Array;
}

interface PricedPath {
  readonly stages: readonly number[];
  price: number;
}

/** The prices of the highest bound found. What stages choose on the way is offered to `incumbent`. */
export function priceDeadline(problem: ChoiceProblem, incumbent: Incumbent): Prices {
  const market = new Market(problem);
  for (let round = 0; round < ROUNDS; round++) {
    market.bisect();
    incumbent.offer(market.choice);
    if (market.isSettled(incumbent.cost)) break;
    for (let step = 0; step < STEPS; step++) market.step(incumbent.cost);
    incumbent.offer(market.choice);
  }
  return market.best;
}

class Market {
  readonly choice: Choice;
  readonly #problem: ChoiceProblem;
  readonly #paths: PricedPath[] = [];
  readonly #prices: Float64Array;
  #best: Prices;

  constructor(problem: ChoiceProblem) {
    this.#problem = problem;
    this.choice = new Int32Array(problem.size);
    this.#prices = new Float64Array(problem.size);
    this.#best = { bound: -Infinity, ofStages: this.#prices.slice() };
    this.#choose();
  }

  get best(): Prices {
    return this.#best;
  }

  /** Whether more prices cannot help: one path is priced best by itself, and no gap leaves nothing to gain. */
  isSettled(incumbent: number): boolean {
    const isGapless = incumbent - this.#best.bound <= 1e-12 * incumbent;
    return isGapless || (this.#paths.length <= 1 && !this.#admitLongest());
  }

  /** Gives each path in turn the price that is best as the others are, until no path that has none is too long. */
  bisect(): void {
    do {
      for (const path of this.#paths) this.#bisectPath(path);
    } while (this.#admitLongest());
  }

  /** Moves all prices along the paths' excess times. */
  step(incumbent: number): void {
    this.#admitLongest();
    const excesses = this.#paths.map((path) => {
      const excess = this.#excessOf(path);
      return path.price > 0 || excess > 0 ? excess : 0;
    });
    const square = excesses.reduce((sum, excess) => sum + excess ** 2, 0);
    if (square === 0) return;
    const length = Math.max(0, incumbent - this.#best.bound) / square;
    for (const [i, path] of this.#paths.entries())
      path.price = Math.max(0, path.price + length * (excesses[i] ?? 0));
    this.#choose();
  }

  /** The excess falls as the price rises; the best price is where it changes its sign. */
  #bisectPath(path: PricedPath): void {
    let low = 0;
    if (this.#excessAt(path, low) <= 0) return;
    let high = Math.max(path.price, Number.MIN_VALUE * 2 ** 60, this.#steepest(path));
    for (let doublings = 0; doublings < 100 && this.#excessAt(path, high) > 0; doublings++) high *= 2;
    for (let i = 0; i < BISECTIONS; i++) {
      const middle = (low + high) / 2;
      if (this.#excessAt(path, middle) > 0) low = middle;
      else high = middle;
    }
    this.#excessAt(path, high);
  }

  /** The mean price at which the stages of `path` give up joules for seconds: where the search starts. */
  #steepest(path: PricedPath): number {
    let steepest = 0;
    for (const stage of path.stages) {
      const [costs, latencies] = [this.#problem.costs[stage], this.#problem.latencies[stage]];
      if (costs === undefined || latencies === undefined) continue;
      const time = (latencies.at(-1) ?? 0) - (latencies[0] ?? 0);
      if (time > 0) steepest = Math.max(steepest, ((costs[0] ?? 0) - (costs.at(-1) ?? 0)) / time);
    }
    return steepest;
  }

  #excessAt(path: PricedPath, price: number): number {
    path.price = price;
    this.#choose();
    return this.#excessOf(path);
  }

  #excessOf({ stages }: PricedPath): number {
    const { latencies, paths, deadline } = this.#problem;
    let time = 0;
    for (const stage of stages)
      time += (paths.repeats[stage] ?? 0) * (latencies[stage]?.[this.choice[stage] ?? 0] ?? 0);
    return time - deadline;
  }

  /** Takes the longest path in where it is too long and has no price yet. */
  #admitLongest(): boolean {
    const { stages, latency } = this.#problem.paths.critical(this.#problem.chosen(this.choice));
    if (latency <= this.#problem.deadline) return false;
    const isKnown = this.#paths.some((path) => path.stages.join() === stages.join());
    if (!isKnown) this.#paths.push({ stages, price: 0 });
    return !isKnown;
  }

  /** Lets the stages choose at the paths' prices; keeps the prices where the bound is the highest so far. */
  #choose(): void {
    this.#prices.fill(0);
    let bound = 0;
    for (const { stages, price } of this.#paths) {
      bound -= price * this.#problem.deadline;
      for (const stage of stages)
        this.#prices[stage] = (this.#prices[stage] ?? 0) + (this.#problem.paths.repeats[stage] ?? 0) * price;
    }
    for (let stage = 0; stage < this.#problem.size; stage++) bound += this.#chooseFor(stage);
    if (bound > this.#best.bound) this.#best = { bound, ofStages: this.#prices.slice() };
  }

  #chooseFor(stage: number): number {
    const costs = this.#problem.costs[stage] ?? new Float64Array();
    const latencies = this.#problem.latencies[stage] ?? new Float64Array();
    const price = this.#prices[stage] ?? 0;
    let least = Infinity;
    for (let place = 0; place < costs.length; place++) {
      const cost = (costs[place] ?? 0) + price * (latencies[place] ?? 0);
      if (cost >= least) continue;
      least = cost;
      this.choice[stage] = place;
    }
    return least;
  }
}
