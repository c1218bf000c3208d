/**
 * Replays of a workflow's runs in a small model: what the controller's parameters make of latencies that vary and of stages that
 * start late. One run after another, nothing is shared: no queues, no conflicts, no other runs.
 *
 * A stage starts when all before it in the graph are over, those that a switch would leave out too. It takes what its chosen
 * option takes, times a log-normal factor of mean 1; its energy is stretched alike. The same chances befall every set of
 * parameters, so that differences are theirs.
 */
import {
  type Joules,
  joules,
  type Random,
  type Ratio,
  type Seconds,
  seconds,
  type WorkflowGraph,
} from "@frugal/core";
import { type StageOption, worthChoosing, type FrontCost } from "../budget/front.ts";
import { normalQuantile } from "../budget/normal-quantile.ts";
import { Paths } from "../budget/paths.ts";
import type { Gain } from "../slack/gain.ts";
import { nextTarget } from "../slack/target.ts";

export interface ReplayedWorkflow {
  readonly graph: WorkflowGraph;
  readonly deadline: Seconds;
  /** Per stage, for one execution. */
  readonly budgets: readonly Seconds[];
  /** Per stage, what there is to choose from. */
  readonly options: readonly (readonly StageOption[])[];
  /** What the policy keeps least. */
  readonly cost: FrontCost;
  /** Per stage, standard deviation of measured over predicted latency. */
  readonly deviations: readonly Ratio[];
  /** A share of the executions starts late by so much: a cold start, a queue. */
  readonly delays: { readonly share: Ratio; readonly time: Seconds };
}

export interface ReplayedRun {
  readonly latency: Seconds;
  readonly energy: Joules;
}

/** What befalls one execution. */
interface Chance {
  readonly delay: number;
  readonly factor: number;
}

export class Replay {
  readonly #workflow: ReplayedWorkflow;
  readonly #paths: Paths;
  readonly #options: readonly (readonly StageOption[])[];
  readonly #plannedStarts: Float64Array;
  /** Per run and stage, one for each execution. */
  readonly #chances: readonly (readonly (readonly Chance[])[])[];

  constructor(workflow: ReplayedWorkflow, runs: number, random: Random) {
    this.#workflow = workflow;
    this.#paths = new Paths(workflow.graph);
    this.#options = workflow.options.map((options) => worthChoosing(options, workflow.cost));
    this.#plannedStarts = new Float64Array(this.#paths.size);
    this.#paths.starts(workflow.budgets, this.#plannedStarts);
    this.#chances = Array.from({ length: runs }, () => drawRun(workflow, random));
  }

  /** All runs under a controller with the parameters `gain`. */
  under(gain: Gain): readonly ReplayedRun[] {
    return this.#chances.map((chances) => this.#run(chances, gain));
  }

  #run(chances: readonly (readonly Chance[])[], gain: Gain): ReplayedRun {
    const { graph } = this.#workflow;
    const times = new Float64Array(this.#paths.size);
    const starts = new Float64Array(this.#paths.size);
    let energy = 0;
    for (const [stage, ofStage] of chances.entries()) {
      const visits = graph.stages[stage]?.visits ?? 0;
      // Stages before this one have their times, so that its start is known; the others' are not looked at yet.
      this.#paths.starts(times, starts);
      const start = starts[stage] ?? 0;
      let now = start;
      for (const [execution, { delay, factor }] of ofStage.entries()) {
        now += delay;
        const option = this.#choose(stage, execution, now, gain);
        now += (option?.latency ?? 0) * factor;
        energy += (visits / ofStage.length) * (option?.energy ?? 0) * factor;
      }
      times[stage] = (now - start) / (graph.stages[stage]?.repeats ?? 1);
    }
    return { latency: this.#paths.longest(times), energy: joules(energy) };
  }

  /** The cheapest option within the target: the slowest. The fastest where none is. */
  #choose(stage: number, execution: number, now: number, gain: Gain): StageOption | undefined {
    const { budgets, deadline } = this.#workflow;
    const budget = budgets[stage] ?? seconds(0);
    const planned = (this.#plannedStarts[stage] ?? 0) + execution * budget;
    const target = nextTarget(budget, seconds(planned - now), deadline, gain);
    const options = this.#options[stage] ?? [];
    return options.findLast(({ latency }) => latency <= target) ?? options[0];
  }
}

function drawRun({ graph, deviations, delays }: ReplayedWorkflow, random: Random): Chance[][] {
  return graph.stages.map(({ repeats }, stage) => {
    const spread = Math.sqrt(Math.log1p((deviations[stage] ?? 0) ** 2));
    return Array.from({ length: Math.max(1, Math.round(repeats)) }, () => ({
      delay: random.next() < delays.share ? delays.time : 0,
      factor: Math.exp(spread * normalQuantile(openShare(random)) - spread ** 2 / 2),
    }));
  });
}

/** Uniform in (0, 1): the quantile of 0 is not finite. */
const openShare = (random: Random): number => Math.max(Number.EPSILON, random.next());
