/**
 * A way of making budgets: it gives each stage of a workflow a share of its deadline. One value in one file each, chosen by
 * name (`index.ts`).
 *
 * Invariants (cited by the tests):
 *   B1  by their budgets all paths of the graph fit the deadline
 *   B2  what a stage was planned to be fits its budget
 *   B3  where the fastest choices do not fit, that is said, with the smallest deadline that would
 */
import type { Joules, Seconds, WorkflowGraph } from "@frugal/core";
import type { FrontCost, StageOption } from "./front.ts";

export interface BudgetProblem {
  readonly graph: WorkflowGraph;
  /** Per stage what it can be: one option at least, by ascending latency. */
  readonly options: readonly (readonly StageOption[])[];
  readonly deadline: Seconds;
}

export interface Budgets {
  readonly kind: "budgets";
  /** Per stage, for one execution. */
  readonly budgets: readonly Seconds[];
  /** Per stage, what it was planned to be. */
  readonly choices: readonly StageOption[];
  /** Expected per run, by the stages' visits. */
  readonly energy: Joules;
  /** No run that fits the deadline is expected to take less. */
  readonly bound: Joules;
  /** Whether `energy` is known to be the least. */
  readonly isOptimal: boolean;
}

export interface Infeasible {
  readonly kind: "infeasible";
  /** The smallest deadline that could be met. */
  readonly smallest: Seconds;
}

export interface BudgetMethod {
  readonly summary: string;
  /** Which options it is meant to choose from. */
  readonly front: FrontCost;
  plan(problem: BudgetProblem): Budgets | Infeasible;
}

/** Latencies of the fastest options. */
export const fastestOf = (options: BudgetProblem["options"]): Float64Array =>
  Float64Array.from(options, (ofStage) => ofStage[0]?.latency ?? 0);
