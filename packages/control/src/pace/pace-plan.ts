/**
 * A workflow's deadline, divided in every way: what `frugal pace explain` shows, and what a deployment is refused by.
 */
import type { ClockGrid } from "@frugal/core";
import type { Infeasible } from "./budget/budget-method.ts";
import type { PlannedWorkflow, UnknownStages } from "./budget/workflow-budgets.ts";

type PlanOutcome = PlannedWorkflow | Infeasible | UnknownStages;

export interface PacePlan {
  readonly grid: ClockGrid;
  readonly fit: PlanOutcome;
  readonly leastEnergy: PlanOutcome;
}
