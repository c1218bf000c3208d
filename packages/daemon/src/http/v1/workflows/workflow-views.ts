/**
 * Workflows and their runs as /v1 shows them.
 */
import type { WorkflowFault } from "@frugal/control";
import { type EnergyReading, minus, type Seconds, type WorkflowGraph } from "@frugal/core";
import type { z } from "zod";
import type { Run, RunSummary, StageEntry } from "../../../workflows/store/run.ts";
import type { StoredWorkflow } from "../../../workflows/store/workflow-catalog.ts";
import type {
  runSchema,
  runSummarySchema,
  workflowDetailsSchema,
  workflowSchema,
} from "./workflow-schemas.ts";

type WorkflowView = z.infer<typeof workflowSchema>;
type DetailsView = z.infer<typeof workflowDetailsSchema>;
type RunSummaryView = z.infer<typeof runSummarySchema>;
type RunView = z.infer<typeof runSchema>;
type StageView = RunView["stages"][number];

export function workflowView(
  { workflow, updatedAt, tally }: StoredWorkflow,
  running: number,
  warnings: readonly string[],
): WorkflowView {
  const { definition, version, title, settings } = workflow;
  return {
    namespace: definition.document.namespace,
    name: definition.document.name,
    version,
    title: title ?? null,
    durable: settings.isDurable,
    deadlineSeconds: settings.deadline?.deadline ?? null,
    quantile: settings.deadline?.quantile ?? null,
    updatedAt: instant(updatedAt),
    runs: { running, ...tally },
    warnings: [...warnings],
  };
}

export function workflowDetailsView(
  view: WorkflowView,
  { workflow, history }: StoredWorkflow,
  graph: WorkflowGraph,
): DetailsView {
  return {
    ...view,
    definition: { ...workflow.definition },
    graph: {
      stages: graph.stages.map((stage) => ({
        name: stage.name,
        function: stage.function ?? null,
        latencySeconds: stage.latency ?? null,
        repeats: stage.repeats,
        visits: stage.visits,
      })),
      edges: graph.edges.map(([from, to]) => [from, to]),
    },
    history: {
      runs: history.runs,
      stages: graph.stages.map(({ name }) => ({
        task: name,
        visits: history.executionsOf(name) / Math.max(1, history.runs),
        meanLatencySeconds: history.latencyOf(name) ?? null,
      })),
    },
  };
}

/** `now` in seconds since 1970, for a run that has not ended. */
export function runSummaryView(run: RunSummary, now: Seconds): RunSummaryView {
  const { id, workflow, version, startedAt, deadline, ending } = run;
  const latency = minus(ending?.endedAt ?? now, startedAt);
  const energy = ending?.energy ?? stillRunning;
  return {
    id,
    workflow,
    version,
    status: ending?.status ?? "running",
    startedAt: instant(startedAt),
    endedAt: ending === undefined ? null : instant(ending.endedAt),
    fault: faultView(ending?.fault),
    deadlineSeconds: deadline ?? null,
    latencySeconds: latency,
    slackSeconds: deadline === undefined ? null : minus(deadline, latency),
    joules: joulesOf(energy),
    energy: energyView(energy),
  };
}

export const runView = (run: Run, stages: readonly StageEntry[], now: Seconds): RunView => ({
  ...runSummaryView(run, now),
  input: run.input,
  output: run.ending?.output ?? null,
  stages: stages.map(stageView),
});

const stillRunning: EnergyReading = { kind: "unavailable", reason: "it is still running" };

const stageView = (entry: StageEntry): StageView => ({
  task: entry.task,
  name: entry.name,
  kind: entry.kind,
  function: entry.kind === "invoke" ? entry.target : null,
  execution: entry.execution,
  startedAt: instant(entry.startedAt),
  latencySeconds: entry.latency,
  waitSeconds: entry.wait ?? null,
  durationSeconds: entry.duration ?? null,
  budgetSeconds: entry.budget ?? null,
  slackSeconds: entry.slack ?? null,
  coreHertz: entry.core ?? null,
  uncoreHertz: entry.uncore ?? null,
  clocks: entry.clocks,
  joules: joulesOf(entry.energy),
  energy: energyView(entry.energy),
  startKind: entry.startKind ?? null,
  error: faultView(entry.fault),
});

const energyView = (reading: EnergyReading): RunView["energy"] =>
  reading.kind === "energy"
    ? { joules: reading.joules, source: reading.source, quality: reading.quality }
    : { unavailable: reading.reason };

const joulesOf = (reading: EnergyReading): number | null =>
  reading.kind === "energy" ? reading.joules : null;

const faultView = (fault: WorkflowFault | undefined): RunView["fault"] =>
  fault === undefined
    ? null
    : {
        type: fault.type,
        status: fault.status,
        ...(fault.instance === undefined ? {} : { instance: fault.instance }),
        ...(fault.title === undefined ? {} : { title: fault.title }),
        ...(fault.detail === undefined ? {} : { detail: fault.detail }),
      };

const instant = (time: Seconds): string => new Date(time * 1000).toISOString();
