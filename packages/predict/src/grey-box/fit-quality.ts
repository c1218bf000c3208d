/**
 * What the predictions of a model rest on, as data and in words.
 */
import type { CounterSet } from "../counters/counter-set.ts";
import type { ClockSpread } from "./clock-spread.ts";
import type { LinearForm } from "./form/linear-form.ts";

export interface FitQuality {
  /** Executions that the weights come from, as far as they have not faded. */
  readonly executions: number;
  /** Those with measured power. */
  readonly powerExecutions: number;
  /** Whether what a clock does to time was seen, or is the prior's word. */
  readonly coreSplit: "fitted" | "assumed";
  readonly uncoreSplit: "fitted" | "assumed";
  readonly power: "fitted" | "assumed";
  readonly counters: string;
  readonly hasHardwareCounters: boolean;
  /** The same for people, one sentence each. */
  readonly statements: readonly string[];
}

/** Executions with measured power before its weights are more than the prior. */
const FEW = 30;

export function fitQuality(
  counters: CounterSet,
  spread: ClockSpread,
  latency: LinearForm,
  power: LinearForm,
): FitQuality {
  const quality = {
    executions: Math.round(latency.rows),
    powerExecutions: Math.round(power.rows),
    coreSplit: spread.hasCore ? "fitted" : "assumed",
    uncoreSplit: spread.hasUncore ? "fitted" : "assumed",
    power: power.rows >= FEW ? "fitted" : "assumed",
    counters: counters.name,
    hasHardwareCounters: counters.isHardware,
  } as const;
  return { ...quality, statements: statementsOf(quality) };
}

function statementsOf(quality: Omit<FitQuality, "statements">): readonly string[] {
  const clock = (name: string, split: "fitted" | "assumed"): string =>
    split === "fitted"
      ? `How time depends on the ${name} clock was fitted to executions at different clocks.`
      : `How time depends on the ${name} clock is assumed: it has not varied enough; run executions at different ${name} clocks (frugal calibrate).`;
  return [
    clock("core", quality.coreSplit),
    clock("uncore", quality.uncoreSplit),
    quality.power === "fitted"
      ? `Power was fitted to ${quality.powerExecutions} executions with measured power.`
      : "Power is assumed: too few executions had theirs measured. Choices of clocks depend on its shape alone.",
    quality.hasHardwareCounters
      ? "Hardware performance counters tell computing from waiting for memory."
      : "No hardware performance counters: functions that were never run at other clocks are all taken to wait for memory alike.",
  ];
}
