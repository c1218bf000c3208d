/**
 * The registry of ways of making budgets. Adding one: a file beside this one and a line below.
 */
import type { BudgetMethod } from "./budget-method.ts";
import { fit } from "./fit.ts";
import { leastEnergy } from "./least-energy/least-energy.ts";

export type BudgetMethodName = "fit" | "least-energy";

export const budgetMethods: Readonly<Record<BudgetMethodName, BudgetMethod>> = {
  fit,
  "least-energy": leastEnergy,
};
