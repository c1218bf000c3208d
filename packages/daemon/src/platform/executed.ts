/**
 * Makes the result of an executed invocation from what is known of it.
 */
import type { Clock, EnergyReading, Seconds, StartPhases } from "@frugal/core";
import { minus, plus } from "@frugal/core";
import type { EnergyLedger } from "@frugal/machine";
import { hardwareCounters } from "@frugal/predict";
import type { InvokeOutcome } from "@frugal/sandbox";
import type { LiveInstance } from "./live-instance.ts";
import type { OpenInvocation } from "./open-invocation.ts";
import type { PaceFacts } from "./pace/pace-facts.ts";
import type { InvocationResult } from "./platform.ts";

type Executed = Extract<InvocationResult, { kind: "executed" }>;

/** How an invocation was dispatched. */
export interface Dispatched {
  readonly cold: boolean;
  /** Undefined where its instance was gone before it. */
  readonly live: LiveInstance | undefined;
  /** Undefined: never. */
  readonly at?: Seconds;
  readonly pace: PaceFacts | undefined;
  /** By the processor, in the order of its counter set; undefined where it counted nothing. */
  readonly counted?: Float64Array | undefined;
}

export interface ExecutedParts {
  readonly clock: Clock;
  readonly ledger: EnergyLedger;
}

export function executed(
  { clock, ledger }: ExecutedParts,
  { request, arrived }: OpenInvocation,
  outcome: InvokeOutcome,
  { cold, live, at, pace, counted }: Dispatched,
): Executed {
  const now = clock.now();
  const begun = at ?? now;
  const duration = minus(now, begun);
  return {
    kind: "executed",
    requestId: request.requestId,
    outcome,
    start: cold ? "cold" : "warm",
    startKind: cold ? live?.kind : undefined,
    startEnergy: cold && live?.phases !== undefined ? startEnergyOf(ledger, live, live.phases) : undefined,
    phases: cold ? live?.phases : undefined,
    wait: minus(begun, arrived),
    duration,
    energy: ledger.invocation(outcome.kind === "lost" ? undefined : outcome.cpu, duration),
    pace,
    counters: countersOf(outcome, counted),
  };
}

/** What is known of the execution's work, by the names of the models' counters; nothing of what was not counted. */
function countersOf(
  outcome: InvokeOutcome,
  counted: Float64Array | undefined,
): Readonly<Record<string, number>> {
  const { cpu, pageFaults } = outcome.kind === "lost" ? {} : outcome;
  const byProcessor = hardwareCounters.counters.map(({ name }, index) => [name, counted?.[index]] as const);
  const all = [["cpuSeconds", cpu] as const, ["pageFaults", pageFaults] as const, ...byProcessor];
  return Object.fromEntries(
    all.filter(
      (entry): entry is readonly [string, number] => entry[1] !== undefined && !Number.isNaN(entry[1]),
    ),
  );
}

const startEnergyOf = (
  ledger: EnergyLedger,
  { startCpu }: LiveInstance,
  { unit, restore, runtime, init }: StartPhases,
): EnergyReading => ledger.invocation(startCpu, plus(unit, restore, runtime, init));
