/**
 * Metrics of workflows, counted as runs and their stages end.
 */
import { Counter, Histogram, type Registry } from "prom-client";
import type { RunObserver } from "../workflows/runner/run-observer.ts";
import type { RunBeginning, RunEnding, StageEntry } from "../workflows/store/run.ts";

/** From a workflow of few fast stages to one that waits for people. */
const durations = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600];

export class WorkflowMetrics implements RunObserver {
  readonly #runs: Counter<"workflow" | "status">;
  readonly #latencies: Histogram<"workflow">;
  readonly #stages: Histogram<"workflow" | "kind">;
  readonly #misses: Counter<"workflow">;
  readonly #joules: Counter<"workflow" | "source" | "quality">;
  readonly #dropped: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#runs = new Counter({
      name: "frugal_workflow_runs_total",
      help: "Runs of workflows that ended, by how: completed, faulted or cancelled",
      labelNames: ["workflow", "status"],
      registers,
    });
    this.#latencies = new Histogram({
      name: "frugal_workflow_run_seconds",
      help: "From the start of a run that completed to its end",
      labelNames: ["workflow"],
      buckets: durations,
      registers,
    });
    this.#stages = new Histogram({
      name: "frugal_workflow_stage_seconds",
      help: "From the start of a stage to its end, by what it is: invoke, call-http or run-workflow",
      labelNames: ["workflow", "kind"],
      buckets: durations,
      registers,
    });
    this.#misses = new Counter({
      name: "frugal_workflow_deadline_misses_total",
      help: "Runs that completed after their deadline",
      labelNames: ["workflow"],
      registers,
    });
    this.#joules = new Counter({
      name: "frugal_workflow_joules_total",
      help: "Energy of the stages of runs",
      labelNames: ["workflow", "source", "quality"],
      registers,
    });
    this.#dropped = new Counter({
      name: "frugal_workflow_events_dropped_total",
      help: "Events that the sink (workflows.eventSink) did not take",
      registers,
    });
  }

  eventDropped(): void {
    this.#dropped.inc();
  }

  stageEnded({ workflow }: RunBeginning, { kind, latency }: StageEntry): void {
    this.#stages.observe({ workflow, kind }, latency);
  }

  runEnded({ workflow, startedAt, deadline }: RunBeginning, { status, endedAt, energy }: RunEnding): void {
    this.#runs.inc({ workflow, status });
    if (energy.kind === "energy") {
      const { source, quality, joules } = energy;
      this.#joules.inc({ workflow, source, quality }, joules);
    }
    if (status !== "completed") return;
    const latency = endedAt - startedAt;
    this.#latencies.observe({ workflow }, latency);
    if (deadline !== undefined && latency > deadline) this.#misses.inc({ workflow });
  }
}
