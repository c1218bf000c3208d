/**
 * The platform's metrics in Prometheus's text format. What happens is counted as it happens; what is (instances, energy,
 * queues) is read from the platform when somebody scrapes, so an idle platform does nothing for them.
 */
import { Counter, Histogram, Registry } from "prom-client";
import type { InvocationResult } from "../platform/platform.ts";
import type { FunctionDefinition } from "../registry/definition.ts";
import type { InvocationObserver } from "./invocation-observer.ts";
import { type MetricSources, ScrapedMetrics } from "./scraped-metrics.ts";
import { WorkflowMetrics } from "./workflow-metrics.ts";

/** From 100 us, a fast warm invocation, to the longest timeout. */
const durations = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
  300, 900,
];
const phases = ["unit", "restore", "runtime", "init"] as const;

/** A function's labelled children, looked up once. */
interface FunctionMetrics {
  readonly outcomes: Map<string, Counter.Internal>;
  readonly duration: Histogram.Internal<"function">;
  readonly wait: Histogram.Internal<"function">;
  readonly coldStarts: Counter.Internal;
}

export class Metrics implements InvocationObserver {
  readonly contentType: string;
  /** Is told of runs of workflows. */
  readonly workflows: WorkflowMetrics;
  readonly #registry = new Registry();
  readonly #functions = new Map<string, FunctionMetrics>();
  readonly #invocations: Counter<"function" | "outcome">;
  readonly #durations: Histogram<"function">;
  readonly #waits: Histogram<"function">;
  readonly #coldStarts: Counter<"function">;
  readonly #startPhases: Histogram<"kind" | "phase">;
  readonly #startJoules: Counter<"kind" | "source" | "quality">;
  readonly #scraped: ScrapedMetrics;

  constructor(sources: MetricSources) {
    const registers = [this.#registry];
    this.contentType = this.#registry.contentType;
    this.workflows = new WorkflowMetrics(this.#registry);
    this.#invocations = new Counter({
      name: "frugal_invocations_total",
      help: "Invocations by outcome: success, function-error, or the error's code",
      labelNames: ["function", "outcome"],
      registers,
    });
    this.#durations = new Histogram({
      name: "frugal_invocation_duration_seconds",
      help: "From dispatch to an instance to its outcome",
      labelNames: ["function"],
      buckets: durations,
      registers,
    });
    this.#waits = new Histogram({
      name: "frugal_queue_wait_seconds",
      help: "From arrival to dispatch, an instance's start included",
      labelNames: ["function"],
      buckets: durations,
      registers,
    });
    this.#coldStarts = new Counter({
      name: "frugal_cold_starts_total",
      help: "Invocations that waited for the start of an instance",
      labelNames: ["function"],
      registers,
    });
    this.#startPhases = new Histogram({
      name: "frugal_start_phase_seconds",
      help: "Phases of starts that invocations waited for, by kind: boot, or what was restored and how",
      labelNames: ["kind", "phase"],
      buckets: durations,
      registers,
    });
    this.#startJoules = new Counter({
      name: "frugal_start_joules_total",
      help: "Energy of starts that invocations waited for, by kind of start",
      labelNames: ["kind", "source", "quality"],
      registers,
    });
    this.#scraped = new ScrapedMetrics(this.#registry, sources);
  }

  observe(definition: FunctionDefinition, result: InvocationResult): void {
    const metrics = this.#metricsOf(definition.name);
    if (result.kind === "refused") {
      this.#count(metrics, definition.name, result.error.code);
      return;
    }
    const { outcome, start, startKind: kind, phases: times, wait, duration } = result;
    this.#count(metrics, definition.name, outcome.kind === "lost" ? outcome.error.code : outcome.kind);
    metrics.duration.observe(duration);
    metrics.wait.observe(wait);
    if (start === "cold") metrics.coldStarts.inc();
    const { startEnergy } = result;
    if (kind !== undefined && startEnergy?.kind === "energy") {
      const { source, quality, joules } = startEnergy;
      this.#startJoules.inc({ kind, source, quality }, joules);
    }
    if (kind !== undefined && times !== undefined)
      for (const phase of phases) this.#startPhases.observe({ kind, phase }, times[phase]);
  }

  /** Stops showing a removed function. */
  forget(name: string): void {
    const metrics = this.#functions.get(name);
    if (metrics === undefined) return;
    this.#functions.delete(name);
    for (const outcome of metrics.outcomes.keys()) this.#invocations.remove({ function: name, outcome });
    for (const metric of [this.#durations, this.#waits, this.#coldStarts]) metric.remove({ function: name });
  }

  /** All metrics, in Prometheus's text format. */
  text(): Promise<string> {
    this.#scraped.read();
    return this.#registry.metrics();
  }

  #count(metrics: FunctionMetrics, name: string, outcome: string): void {
    let counter = metrics.outcomes.get(outcome);
    if (counter === undefined) {
      counter = this.#invocations.labels({ function: name, outcome });
      metrics.outcomes.set(outcome, counter);
    }
    counter.inc();
  }

  #metricsOf(name: string): FunctionMetrics {
    const known = this.#functions.get(name);
    if (known !== undefined) return known;
    const labels = { function: name };
    const metrics: FunctionMetrics = {
      outcomes: new Map(),
      duration: this.#durations.labels(labels),
      wait: this.#waits.labels(labels),
      coldStarts: this.#coldStarts.labels(labels),
    };
    this.#functions.set(name, metrics);
    return metrics;
  }
}
