/**
 * Budgets of a workflow from what is known of its functions: stage options by the model for typical work, the deadline
 * that leaves room for the asked quantile, and a way of making budgets.
 */
import {
  gridSize,
  type Ratio,
  ratio,
  type Seconds,
  type StageNode,
  type WorkflowDeadline,
  type WorkflowGraph,
} from "@frugal/core";
import type { StageModel } from "@frugal/predict";
import { type BudgetMethod, type Budgets, fastestOf, type Infeasible } from "./budget-method.ts";
import { frontOf, type StageOption, unpaced } from "./front.ts";
import { type CriticalPath, Paths } from "./paths.ts";
import { effectiveDeadline } from "./risk.ts";

/** Taken for functions of which too few executions were seen to tell. */
const USUAL_DEVIATION = ratio(0.1);

export interface PlannedWorkflow extends Budgets {
  /** What the budgets were made for: the deadline, less what the quantile needs. */
  readonly planned: Seconds;
  /** False where the deadline can be met, but not with the room that the quantile needs: then the fastest is planned. */
  readonly hasRoom: boolean;
  /** By least latencies. */
  readonly critical: CriticalPath;
  /** Per stage, what there was to choose from. */
  readonly options: readonly (readonly StageOption[])[];
}

/** What is missing to make a plan: how long these stages take is not known yet. */
export interface UnknownStages {
  readonly kind: "unknown";
  readonly stages: readonly string[];
}

export function planWorkflow(
  graph: WorkflowGraph,
  { deadline, quantile }: WorkflowDeadline,
  model: StageModel,
  method: BudgetMethod,
): PlannedWorkflow | Infeasible | UnknownStages {
  const options = stageOptions(graph, model, method);
  const unknown = graph.stages.filter((_, stage) => options[stage]?.length === 0);
  if (unknown.length > 0) return { kind: "unknown", stages: unknown.map(({ name }) => name) };
  const fastest = fastestOf(options);
  const critical = new Paths(graph).critical(fastest);
  if (critical.latency > deadline) return { kind: "infeasible", smallest: critical.latency };
  const spread = critical.stages.flatMap((index) => {
    const stage = graph.stages[index];
    const latency = options[index]?.[0]?.latency;
    if (stage === undefined || latency === undefined) return [];
    return [{ latency, repeats: stage.repeats, deviation: deviationOf(stage.function, model) }];
  });
  const roomy = effectiveDeadline(deadline, quantile, spread);
  const hasRoom = roomy >= critical.latency;
  const planned = hasRoom ? roomy : critical.latency;
  const result = method.plan({ graph, options, deadline: planned });
  return result.kind === "infeasible" ? result : { ...result, planned, hasRoom, critical, options };
}

/** Per stage what it can be; nothing where that is not known. */
function stageOptions(
  graph: WorkflowGraph,
  model: StageModel,
  method: BudgetMethod,
): (readonly StageOption[])[] {
  const latencies = new Float64Array(gridSize(model.grid));
  const powers = new Float64Array(latencies.length);
  return graph.stages.map(({ function: fn, latency }) => {
    if (fn === undefined) return latency === undefined ? [] : unpaced(latency);
    const work = model.typical(fn);
    const isKnown = work !== undefined && model.predict(work.key, work.payload, latencies, powers);
    return isKnown ? frontOf(latencies, powers, method.front) : [];
  });
}

function deviationOf(fn: StageNode["function"], model: StageModel): Ratio {
  const work = fn === undefined ? undefined : model.typical(fn);
  return (work === undefined ? undefined : model.deviation(work.key)) ?? USUAL_DEVIATION;
}
