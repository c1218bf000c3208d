/**
 * How a workflow's deadline is divided, as `/v1/workflows/<namespace>/<name>/plan` shows it.
 */
import { type PacePlan, Paths, type StageOption, UNPACED } from "@frugal/control";
import { gridSetting, minus, type Seconds, seconds, type WorkflowGraph } from "@frugal/core";
import type { z } from "zod";
import type { StoredWorkflow } from "../../../workflows/store/workflow-catalog.ts";
import type { planSchema } from "./plan-schema.ts";

type PlanView = z.infer<typeof planSchema>;
type Outcome = PacePlan["fit"];
type Planned = Extract<Outcome, { kind: "budgets" }>;

/** Paths beyond these say nothing new to people. */
const MOST_PATHS = 100;

const methods = ["fit", "leastEnergy"] as const;

/** `plan` is undefined where nothing paces the machine, or the workflow has no deadline. */
export function planView(
  { workflow: { name, settings } }: StoredWorkflow,
  graph: WorkflowGraph,
  plan: PacePlan | undefined,
): PlanView {
  const planned = plan === undefined ? undefined : methods.map((method) => plannedOf(plan[method]));
  const [fit, leastEnergy] = planned ?? [];
  const known = leastEnergy ?? fit;
  const missing = plan?.fit.kind === "unknown" ? plan.fit.stages : [];
  return {
    workflow: name,
    deadlineSeconds: settings.deadline?.deadline ?? null,
    quantile: settings.deadline?.quantile ?? null,
    effectiveDeadlineSeconds: known?.planned ?? null,
    known: known !== undefined || plan?.fit.kind === "infeasible",
    missing: missingOf(graph, missing),
    grid: { coreHertz: [...(plan?.grid.core ?? [])], uncoreHertz: [...(plan?.grid.uncore ?? [])] },
    smallestDeadlineSeconds: smallestOf(plan),
    paths: known === undefined ? [] : pathsOf(graph, known, fit, leastEnergy),
    stages: graph.stages.map((stage, index) => {
      const options = known?.options[index] ?? [];
      return {
        index,
        task: stage.name,
        function: stage.function ?? null,
        repeats: stage.repeats,
        visits: stage.visits,
        minimalSeconds: options[0]?.latency ?? null,
        maximalSeconds: options.at(-1)?.latency ?? null,
        fit: choiceOf(plan, fit, index),
        leastEnergy: choiceOf(plan, leastEnergy, index),
      };
    }),
    methods: {
      fit: methodOf(graph, plan?.fit),
      leastEnergy: methodOf(graph, plan?.leastEnergy),
    },
    energyQuality: "estimated",
  };
}

const plannedOf = (outcome: Outcome): Planned | undefined =>
  outcome.kind === "budgets" ? outcome : undefined;

function smallestOf(plan: PacePlan | undefined): number | null {
  const outcome = plan?.leastEnergy;
  if (outcome?.kind === "infeasible") return outcome.smallest;
  return outcome?.kind === "budgets" ? outcome.critical.latency : null;
}

/** Functions of the stages that nothing is known of; other tasks by their pointers. */
const missingOf = ({ stages }: WorkflowGraph, unknown: readonly string[]): string[] => [
  ...new Set(unknown.map((task) => stages.find(({ name }) => name === task)?.function ?? task)),
];

function pathsOf(
  graph: WorkflowGraph,
  { options, critical }: Planned,
  fit: Planned | undefined,
  leastEnergy: Planned | undefined,
): PlanView["paths"] {
  const sumOf = (path: readonly number[], latencyOf: (stage: number) => number): number =>
    path.reduce((sum, stage) => sum + (graph.stages[stage]?.repeats ?? 0) * latencyOf(stage), 0);
  const { paths } = new Paths(graph).list(MOST_PATHS);
  return paths.map((path) => ({
    stages: [...path],
    minimalSeconds: sumOf(path, (stage) => options[stage]?.[0]?.latency ?? 0),
    fitSeconds: fit === undefined ? null : sumOf(path, (stage) => fit.budgets[stage] ?? 0),
    leastEnergySeconds:
      leastEnergy === undefined ? null : sumOf(path, (stage) => leastEnergy.budgets[stage] ?? 0),
    isCritical: path.join() === critical.stages.join(),
  }));
}

function choiceOf(
  plan: PacePlan | undefined,
  planned: Planned | undefined,
  stage: number,
): PlanView["stages"][number]["fit"] {
  const choice: StageOption | undefined = planned?.choices[stage];
  const budget = planned?.budgets[stage];
  if (plan === undefined || choice === undefined || budget === undefined) return null;
  const clocks = choice.setting === UNPACED ? undefined : gridSetting(plan.grid, choice.setting);
  return {
    budgetSeconds: budget,
    expectedSeconds: choice.latency,
    coreHertz: clocks?.core ?? null,
    uncoreHertz: clocks?.uncore ?? null,
    joules: choice.energy,
  };
}

/** Slack: what of the deadline the longest path by budgets leaves. */
function methodOf(graph: WorkflowGraph, outcome: Outcome | undefined): PlanView["methods"]["fit"] {
  if (outcome === undefined || outcome.kind === "unknown") return null;
  if (outcome.kind === "infeasible") return { infeasible: outcome.smallest };
  const longest: Seconds = new Paths(graph).longest(outcome.budgets);
  return {
    joules: outcome.energy,
    slackSeconds: minus(seconds(outcome.planned), longest),
    isOptimal: outcome.isOptimal,
  };
}
