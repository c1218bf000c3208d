/**
 * What the demo found: per function as its callers saw it, and the machine's energy as the platform metered it.
 */
import type { Histogram } from "@frugal/core";
import type { EnergyStatisticsView, PlatformStatisticsView } from "../client/schemas.ts";
import type { FunctionOutcome, ReplayProgress, StartPhaseSums } from "./replay.ts";
import type { TraceRows } from "./trace-rows.ts";
import type { Workload } from "./workload.ts";

export interface DemoFunctionReport {
  readonly name: string;
  readonly origin: string;
  readonly invocations: number;
  readonly errors: number;
  readonly wrongOutputs: number;
  readonly refused: number;
  readonly coldStarts: number;
  /** Means over the cold starts that callers waited for. */
  readonly startPhasesSeconds: Readonly<StartPhaseSums> | null;
  readonly latencySeconds: { readonly p50: number; readonly p95: number; readonly p99: number };
  readonly cpuSeconds: number;
  /** Null where energy is unavailable. */
  readonly joules: number | null;
  readonly firstProblem?: string;
}

export interface DemoReport {
  readonly trace: string;
  readonly attribution: string | null;
  readonly minutes: number;
  readonly scale: number;
  readonly seconds: number;
  readonly size: string;
  readonly isolation: string;
  readonly invocations: number;
  readonly errors: number;
  readonly wrongOutputs: number;
  readonly coldStarts: number;
  readonly functions: readonly DemoFunctionReport[];
  readonly energy:
    | {
        /** The whole machine's, from the platform's start to the end of the replay. */
        readonly joules: number;
        readonly source: string;
        readonly quality: string;
        readonly detail: string;
        readonly seconds: number;
        readonly averageWatts: number;
        /** What no function caused: `staticJoules` and `otherProcessesJoules` (the demo's own client among them). */
        readonly idleJoules: number;
        readonly staticJoules: number;
        readonly otherProcessesJoules: number;
      }
    | { readonly unavailable: string };
  readonly limitations: readonly string[];
}

export interface DemoFacts {
  readonly trace: TraceRows;
  readonly size: string;
  readonly isolation: string;
  readonly limitations: readonly string[];
  readonly workload: Workload;
  readonly replayed: ReplayProgress;
  readonly statistics: PlatformStatisticsView;
  readonly energy: EnergyStatisticsView;
}

export function makeReport(facts: DemoFacts): DemoReport {
  const { workload, replayed } = facts;
  const functions = workload.functions.map(({ name, origin }) =>
    functionReport(name, origin, replayed.outcomes.get(name), facts),
  );
  const sum = (pick: (fn: DemoFunctionReport) => number): number =>
    functions.reduce((total, fn) => total + pick(fn), 0);
  return {
    trace: facts.trace.title,
    attribution: facts.trace.attribution,
    minutes: workload.minutes,
    scale: workload.scale,
    seconds: replayed.elapsedSeconds,
    size: facts.size,
    isolation: facts.isolation,
    invocations: sum((fn) => fn.invocations),
    errors: sum((fn) => fn.errors),
    wrongOutputs: sum((fn) => fn.wrongOutputs),
    coldStarts: sum((fn) => fn.coldStarts),
    functions,
    energy: energyOf(facts.energy),
    limitations: facts.limitations,
  };
}

function functionReport(
  name: string,
  origin: string,
  outcome: FunctionOutcome | undefined,
  { statistics, energy }: DemoFacts,
): DemoFunctionReport {
  const counted = statistics.functions.find((fn) => fn.name === name);
  const metered = energy.functions.find((fn) => fn.name === name)?.energy;
  return {
    name,
    origin,
    invocations: outcome?.invocations ?? 0,
    errors: outcome?.errors ?? 0,
    wrongOutputs: outcome?.wrongOutputs ?? 0,
    refused: outcome?.refused ?? 0,
    coldStarts: outcome?.coldStarts ?? 0,
    startPhasesSeconds: outcome === undefined || outcome.coldStarts === 0 ? null : meansOf(outcome),
    latencySeconds: latencyOf(outcome?.latency),
    cpuSeconds: counted?.cpuSeconds ?? 0,
    joules: metered?.kind === "energy" ? metered.joules : null,
    ...(outcome?.firstProblem === undefined ? {} : { firstProblem: outcome.firstProblem }),
  };
}

const latencyOf = (latency: Histogram | undefined): DemoFunctionReport["latencySeconds"] => ({
  p50: latency?.quantile(0.5) ?? 0,
  p95: latency?.quantile(0.95) ?? 0,
  p99: latency?.quantile(0.99) ?? 0,
});

const meansOf = ({ startSeconds, coldStarts }: FunctionOutcome): StartPhaseSums => ({
  unit: startSeconds.unit / coldStarts,
  restore: startSeconds.restore / coldStarts,
  runtime: startSeconds.runtime / coldStarts,
  init: startSeconds.init / coldStarts,
});

function energyOf({ total, idle }: EnergyStatisticsView): DemoReport["energy"] {
  if (total.kind === "unavailable") return { unavailable: total.reason };
  return {
    joules: total.joules,
    source: total.source,
    quality: total.quality,
    detail: total.detail,
    seconds: total.intervalSeconds,
    averageWatts: total.joules / total.intervalSeconds,
    idleJoules: idle.joules,
    staticJoules: idle.staticJoules,
    otherProcessesJoules: idle.otherProcessesJoules,
  };
}
