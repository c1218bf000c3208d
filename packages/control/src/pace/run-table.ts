/**
 * The runs of workflows that are under way, as far as pace is concerned: what each stage may take, and how much time a run has
 * in hand.
 */
import { minus, type RunId, type Seconds, seconds } from "@frugal/core";
import { Paths } from "./budget/paths.ts";
import type { WorkflowPlan } from "./policy/pace-policy.ts";
import { PlannedStarts } from "./slack/planned-start.ts";

export interface Run {
  readonly id: RunId;
  readonly plan: WorkflowPlan;
  readonly started: Seconds;
  /** Undefined where there are no budgets. */
  readonly plannedStarts: PlannedStarts | undefined;
  /** By stage: how often it was executed. */
  readonly executed: number[];
}

export class RunTable {
  readonly #runs = new Map<RunId, Run>();
  /** Runs by one plan share them. */
  readonly #plannedStarts = new WeakMap<WorkflowPlan, PlannedStarts>();

  get(id: RunId): Run | undefined {
    return this.#runs.get(id);
  }

  start(id: RunId, plan: WorkflowPlan, started: Seconds): void {
    const executed = plan.graph.stages.map(() => 0);
    this.#runs.set(id, { id, plan, started, plannedStarts: this.#plannedStartsOf(plan), executed });
  }

  end(id: RunId): void {
    this.#runs.delete(id);
  }

  #plannedStartsOf(plan: WorkflowPlan): PlannedStarts | undefined {
    const { graph, budgets } = plan;
    const known = this.#plannedStarts.get(plan);
    if (known !== undefined || budgets === undefined) return known;
    const made = new PlannedStarts(new Paths(graph), budgets);
    this.#plannedStarts.set(plan, made);
    return made;
  }
}

/** Time in hand before the next execution of `stage`; negative where the run is late. */
export const slackOf = ({ started, plannedStarts, executed }: Run, stage: number, now: Seconds): Seconds =>
  plannedStarts === undefined ? seconds(0) : minus(plannedStarts.of(stage, executed), minus(now, started));
