/**
 * The deadlines of workflows, divided into budgets of their stages. Budgets are made from what the model knows of the functions,
 * and made anew when a run begins and the model has learnt a good deal since.
 *
 * Invariants (cited by the tests):
 *   B1  a run that begins has budgets where the model knows all functions of its workflow
 *   B2  how often budgets are made anew depends on what was learnt since the workflow came, not on what was learnt before
 */
import type { Seconds, WorkflowDeadline, WorkflowGraph, WorkflowName } from "@frugal/core";
import type { StageModel } from "@frugal/predict";
import { type BudgetMethodName, budgetMethods } from "./budget/index.ts";
import { planWorkflow } from "./budget/workflow-budgets.ts";
import type { PacePlan } from "./pace-plan.ts";
import type { WorkflowPlan } from "./policy/pace-policy.ts";

export interface PacedWorkflow {
  readonly graph: WorkflowGraph;
  readonly deadline: WorkflowDeadline | undefined;
  readonly budgets: BudgetMethodName | undefined;
}

interface Entry {
  readonly workflow: PacedWorkflow;
  plan: WorkflowPlan | undefined;
  /** How much the model had learnt when the workflow was deployed first, and when the plan was made. */
  readonly since: number;
  learnt: number;
}

/** The plan is made anew when this share of what the model has learnt since the workflow is there is new. */
const WORTH_PLANNING = 0.2;

export class WorkflowPlans {
  readonly #entries = new Map<WorkflowName, Entry>();
  readonly #usual: BudgetMethodName;
  #learnt = 0;

  /** `usual` is how budgets are made where a workflow does not say. */
  constructor(usual: BudgetMethodName) {
    this.#usual = usual;
  }

  deploy(name: WorkflowName, workflow: PacedWorkflow): void {
    const since = this.#entries.get(name)?.since ?? this.#learnt;
    this.#entries.set(name, { workflow, plan: undefined, since, learnt: 0 });
  }

  remove(name: WorkflowName): void {
    this.#entries.delete(name);
  }

  /** The model has learnt from one more execution. */
  noteLearnt(): void {
    this.#learnt++;
  }

  /** What a run that begins now goes by; undefined where nobody asked for a deadline. */
  planOf(name: WorkflowName, model: StageModel): WorkflowPlan | undefined {
    const entry = this.#entries.get(name);
    const deadline = entry?.workflow.deadline;
    if (entry === undefined || deadline === undefined) return undefined;
    if (entry.plan === undefined || this.#isStale(entry, entry.plan)) {
      const { graph, budgets: method = this.#usual } = entry.workflow;
      entry.plan = {
        graph,
        deadline: deadline.deadline,
        budgets: budgetsOf(graph, deadline, method, model),
      };
      entry.learnt = this.#learnt;
    }
    return entry.plan;
  }

  /** What lacks a function is worth another look whenever anything was learnt. */
  #isStale({ since, learnt }: Entry, { budgets }: WorkflowPlan): boolean {
    const fresh = this.#learnt - learnt;
    return fresh >= (budgets === undefined ? 1 : Math.max(1, WORTH_PLANNING * (this.#learnt - since)));
  }
}

/** The workflow's budgets by every method. */
export const explainPlan = (
  graph: WorkflowGraph,
  deadline: WorkflowDeadline,
  model: StageModel,
): PacePlan => ({
  grid: model.grid,
  fit: planWorkflow(graph, deadline, model, budgetMethods.fit),
  leastEnergy: planWorkflow(graph, deadline, model, budgetMethods["least-energy"]),
});

function budgetsOf(
  graph: WorkflowGraph,
  deadline: WorkflowDeadline,
  method: BudgetMethodName,
  model: StageModel,
): readonly Seconds[] | undefined {
  const plan = planWorkflow(graph, deadline, model, budgetMethods[method]);
  if (plan.kind === "budgets") return plan.budgets;
  if (plan.kind === "unknown") return undefined;
  // What cannot be in time is done as fast as it can be.
  const fastest = planWorkflow(graph, { ...deadline, deadline: plan.smallest }, model, budgetMethods[method]);
  return fastest.kind === "budgets" ? fastest.budgets : undefined;
}
