/**
 * The slack controller's parameters over several workflows: every set of a grid, the best first.
 *
 * The runs are replayed in a model: stages are work of the reference server's kinds, in turn, with its clocks and power; their
 * latencies vary, and some start late. Nothing is run.
 */
import {
  budgetMethods,
  pacePolicies,
  planWorkflow,
  type TunedGain,
  tuneGain,
  usualGainGrid,
} from "@frugal/control";
import { FrugalError, ratio, scaled, seconds, seededRandom, type WorkflowGraph } from "@frugal/core";
import type { ReferenceMachine } from "@frugal/predict";
import { TurnTakingModel } from "./turn-taking-model.ts";

export interface NamedGraph {
  readonly name: string;
  readonly graph: WorkflowGraph;
}

export interface TuneRequest {
  readonly workflows: readonly NamedGraph[];
  readonly machine: ReferenceMachine;
  /** How many times the least latency each deadline is. */
  readonly deadlineFactor: number;
  /** The share of runs that must be in time. */
  readonly quantile: number;
  /** Of each workflow, under every set of parameters. */
  readonly runs: number;
  /** Standard deviation of a stage's latency, as a share of it. */
  readonly deviation: number;
  /** The share of executions that start late. */
  readonly delayShare: number;
  readonly seed: number;
}

/** What one set of parameters makes of all the workflows. */
export interface TunedSet {
  readonly gain: TunedGain["gain"];
  /** Those that Frugal runs with. */
  readonly isShipped: boolean;
  /** The share of late runs of the workflow that has most of them. */
  readonly late: number;
  /** Mean over the workflows, relative to the shipped set: -0.02 takes 2 % less. */
  readonly energyChange: number;
  readonly workflows: readonly {
    readonly name: string;
    readonly joules: number;
    readonly late: number;
    readonly latencySeconds: number;
  }[];
}

/** A start that is late takes this share of the deadline. */
const DELAY = 0.15;

/** Sets under which enough runs are in time come first, by energy; then the others, by late runs. */
export function tuneWorkflows(request: TuneRequest): readonly TunedSet[] {
  const results = request.workflows.map((workflow, i) => ({
    name: workflow.name,
    tuned: new Map(tuneOne(workflow, request, i).map((one) => [keyOf(one.gain), one])),
  }));
  const { options } = pacePolicies.frugal;
  const shipped = ["a", "b", "c", "k0"].map((name) => options[name]).join();
  const mayBeLate = 1 - request.quantile + 1e-9;
  const sets = [...(results[0]?.tuned.values() ?? [])].map(({ gain }): TunedSet => {
    const workflows = results.flatMap(({ name, tuned }) => {
      const one = tuned.get(keyOf(gain));
      const usual = tuned.get(shipped);
      if (one === undefined || usual === undefined) return [];
      const { energy, late, latency } = one;
      const result = { name, joules: energy, late, latencySeconds: latency };
      return [{ result, change: energy / usual.energy - 1 }];
    });
    return {
      gain,
      isShipped: keyOf(gain) === shipped,
      late: Math.max(...workflows.map(({ result }) => result.late)),
      energyChange: workflows.reduce((sum, { change }) => sum + change, 0) / workflows.length,
      workflows: workflows.map(({ result }) => result),
    };
  });
  const excess = ({ late }: TunedSet): number => Math.max(0, late - mayBeLate);
  return sets.sort((one, other) => excess(one) - excess(other) || one.energyChange - other.energyChange);
}

const keyOf = ({ a, b, c, k0 }: TunedGain["gain"]): string => [a, b, c, k0].join();

function tuneOne(
  { name, graph }: NamedGraph,
  { machine, deadlineFactor, quantile, runs, deviation, delayShare, seed }: TuneRequest,
  place: number,
): readonly TunedGain[] {
  const model = new TurnTakingModel(machine, ratio(deviation));
  const share = ratio(quantile);
  const method = budgetMethods["least-energy"];
  const least = planWorkflow(graph, { deadline: seconds(Infinity), quantile: share }, model, method);
  if (least.kind !== "budgets")
    throw new FrugalError(
      "invalid-request",
      `${name} has a stage that no function of ours does, so nothing is known of it`,
    );
  const deadline = scaled(least.critical.latency, deadlineFactor);
  const planned = planWorkflow(graph, { deadline, quantile: share }, model, method);
  if (planned.kind !== "budgets")
    throw new RangeError(`A deadline of ${deadline} s is too small for ${name}`);
  return tuneGain(
    {
      graph,
      deadline,
      budgets: planned.budgets,
      options: planned.options,
      cost: method.front,
      deviations: graph.stages.map(() => ratio(deviation)),
      delays: { share: ratio(delayShare), time: scaled(deadline, DELAY) },
    },
    { quantile: share, runs, random: seededRandom(seed + place), grid: usualGainGrid },
  );
}
