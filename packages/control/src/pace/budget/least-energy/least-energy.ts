/**
 * Budgets of least expected energy: of all choices of one clock setting per stage that fit the deadline on every path, the one
 * that takes the fewest joules over the stages' visits. Exact where the search ends within its limit; else the result says how
 * far from the least it can be at most.
 *
 * What the choice leaves of the deadline is spread over the budgets in proportion, so that the longest path uses it up: a
 * stage that is a little late is not late as long as the run is not.
 */
import { joules, scaled, type Seconds } from "@frugal/core";
import type { BudgetMethod, BudgetProblem, Budgets } from "../budget-method.ts";
import { fit } from "../fit.ts";
import { ChoiceProblem } from "./choice-problem.ts";
import { Incumbent } from "./incumbent.ts";
import { priceDeadline } from "./prices.ts";
import { Search } from "./search.ts";

/** Branches that are looked at: a few hundred milliseconds where twelve stages have dozens of paths, far less elsewhere. */
const BRANCH_LIMIT = 100_000;

export const leastEnergy: BudgetMethod = {
  summary: "the clocks of least expected energy that fit, the time left over spread over the stages",
  front: "energy",
  plan(problem) {
    const fitting = fit.plan(problem);
    if (fitting.kind === "infeasible") return fitting;
    const choices = new ChoiceProblem(problem);
    const incumbent = new Incumbent(choices);
    incumbent.offer(choices.within(fitting.budgets));
    const prices = priceDeadline(choices, incumbent);
    const isOptimal = new Search(choices, prices, incumbent).run(BRANCH_LIMIT);
    return budgetsOf(problem, choices, incumbent, isOptimal ? incumbent.cost : prices.bound);
  },
};

function budgetsOf(
  { graph, deadline }: BudgetProblem,
  problem: ChoiceProblem,
  { choice, cost }: Incumbent,
  bound: number,
): Budgets {
  const choices = problem.options.flatMap((options, stage) => options[choice[stage] ?? 0] ?? []);
  const energy = choices.reduce(
    (sum, option, stage) => sum + (graph.stages[stage]?.visits ?? 0) * option.energy,
    0,
  );
  const longest = problem.paths.longest(problem.chosen(choice));
  // A hair less than what is left, for the sums of products that round up.
  const stretch = longest > 0 ? Math.max(1, (deadline / longest) * (1 - 1e-12)) : 1;
  return {
    kind: "budgets",
    budgets: choices.map(({ latency }): Seconds => scaled(latency, stretch)),
    choices,
    energy: joules(energy),
    bound: joules(Math.min(energy, bound)),
    isOptimal: bound >= cost,
  };
}
