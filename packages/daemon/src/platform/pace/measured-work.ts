/**
 * What an invocation teaches the models of pace. Where the processor counted nothing of it: its processor time, page faults and
 * payload, as it reports them.
 */
import type { MeasuredWork } from "@frugal/control";
import { powerOf } from "@frugal/core";
import type { CounterSet } from "@frugal/predict";
import type { InvokeRequest } from "@frugal/sandbox";
import type { InvocationResult } from "../platform.ts";

type Executed = Extract<InvocationResult, { kind: "executed" }>;

/** What was counted, and by whom. */
interface Counting {
  /** The models' counters. */
  readonly set: CounterSet;
  /** By the processor, in the order of `set`; undefined where it counted nothing of this execution. */
  readonly counted: Float64Array | undefined;
}

/** Undefined where it says nothing of the next: it failed, was the first of its instance, or had other clocks than it was given. */
export function measuredOf(
  { payload }: InvokeRequest,
  { outcome, start, duration, energy, pace }: Executed,
  { set, counted }: Counting,
): MeasuredWork | undefined {
  if (outcome.kind !== "success" || start === "cold" || !(duration > 0)) return undefined;
  if (pace?.state === "held" || pace?.state === "failed") return undefined;
  // A model of the machine does not know its clocks: from it, the models of pace would learn that clocks cost nothing.
  const isBlind = energy.kind === "energy" && energy.source === "model" && pace?.state === "set";
  const own = Float64Array.of(outcome.cpu ?? NaN, outcome.pageFaults ?? NaN, payload.length);
  // An instance that executes several invocations at a time is counted by nobody; its own report is of another set.
  const uncounted = set.isHardware ? new Float64Array(set.counters.length).fill(NaN) : own;
  return {
    power: energy.kind === "energy" && !isBlind ? powerOf(energy.joules, duration) : undefined,
    counters: counted ?? uncounted,
  };
}
