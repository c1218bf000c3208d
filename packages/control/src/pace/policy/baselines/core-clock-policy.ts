/**
 * Policies that set the lowest core clock at which they expect to be in time, and leave the uncore clock alone: the shape of
 * Gemini and ReTail, made for single services. For workflows kypous (section 7.1) takes them two ways: with the workflow as one
 * service, whose clock is chosen when a run begins, and decomposed, each function by its own budget. Neither hears of what
 * happens on the way.
 */
import type { Hertz, RunId, Seconds, WorkflowGraph } from "@frugal/core";
import type { StageModel } from "@frugal/predict";
import { Paths } from "../../budget/paths.ts";
import { highestStep } from "../../steps.ts";
import type { PacePolicy, StageDecision, StageSituation, WorkflowPlan } from "../pace-policy.ts";
import type { LatencyEstimates } from "./latency-estimates.ts";

type Parts = Pick<PacePolicy, "decide" | "runEnded">;

const policyOf = (estimates: LatencyEstimates, parts: Parts): PacePolicy => ({
  ...parts,
  observe: (observation) => estimates.observe(observation),
  setsCore: true,
  setsUncore: false,
  governor: undefined,
});

/** One clock for a run, by the average latencies along the longest path; of each function in its most frequent variant. */
export function wholeRunPolicy(model: StageModel, estimates: LatencyEstimates): PacePolicy {
  const steps = model.grid.core;
  const clocks = new Map<RunId, number>();
  const pathsOf = new WeakMap<WorkflowGraph, Paths>();

  function placeFor({ graph, deadline }: WorkflowPlan): number {
    const paths = pathsOf.get(graph) ?? new Paths(graph);
    pathsOf.set(graph, paths);
    return lowestInTime(steps, deadline, (core) => {
      const latencies = graph.stages.map(({ function: fn, latency }) =>
        fn === undefined
          ? (latency ?? 0)
          : (estimates.at(model.typical(fn)?.key ?? fn, core, undefined) ?? NaN),
      );
      return latencies.some(Number.isNaN) ? undefined : paths.longest(latencies);
    });
  }

  return policyOf(estimates, {
    decide(stage) {
      if (stage.run === undefined) return byBudget(steps, estimates, stage);
      const { id, plan } = stage.run;
      const place = clocks.get(id) ?? placeFor(plan);
      clocks.set(id, place);
      return decisionOf(steps, place, stage.budget, estimates.at(stage.key, place, stage.payload));
    },
    runEnded: (run) => void clocks.delete(run),
  });
}

/** A clock for each stage, by its own budget. */
export const perStagePolicy = (steps: readonly Hertz[], estimates: LatencyEstimates): PacePolicy =>
  policyOf(estimates, {
    decide: (stage) => byBudget(steps, estimates, stage),
    runEnded: () => undefined,
  });

function byBudget(
  steps: readonly Hertz[],
  estimates: LatencyEstimates,
  stage: StageSituation,
): StageDecision {
  const { key, payload, budget } = stage;
  const latencyAt = (core: number): Seconds | undefined => estimates.at(key, core, payload);
  const place = budget === undefined ? steps.length - 1 : lowestInTime(steps, budget, latencyAt);
  return decisionOf(steps, place, budget, latencyAt(place));
}

/** Place of the lowest clock at which `latencyAt` is within `longest`; of the highest where none is or nothing is known. */
function lowestInTime(
  steps: readonly Hertz[],
  longest: Seconds,
  latencyAt: (core: number) => Seconds | undefined,
): number {
  for (let core = 0; core < steps.length - 1; core++) {
    const latency = latencyAt(core);
    if (latency !== undefined && latency <= longest) return core;
  }
  return steps.length - 1;
}

const decisionOf = (
  steps: readonly Hertz[],
  place: number,
  target: Seconds | undefined,
  latency: Seconds | undefined,
): StageDecision => ({
  core: steps[place] ?? highestStep(steps),
  uncore: undefined,
  target,
  expected: latency === undefined ? undefined : { latency, energy: undefined },
});
