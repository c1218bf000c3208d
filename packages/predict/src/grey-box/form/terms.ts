/**
 * Which weights the grey-box model has: for every feature of an execution, what each part of the machine may cost it.
 *
 * Features are the counters of the set, then the time that no processor was busy for it (waiting for others, the same at every
 * clock), then 1. In the form of power, all but the last are rates: per second of the execution at the highest clocks.
 */
import type { ClockSetting } from "@frugal/core";
import type { CounterSet } from "../../counters/counter-set.ts";
import type { ClockPower } from "../../reference-server/clock-power.ts";
import { powerFactorsOf, timeFactorsOf } from "../clock-bases.ts";
import { type FeatureParts, type Term, termsOf } from "./linear-form.ts";
import type { GreyBoxPrior } from "../prior.ts";

const [timeOfCore = 0] = timeFactorsOf.core;
const [timeOfUncore = 0] = timeFactorsOf.uncore;
const [timeOfMemory = 0] = timeFactorsOf.memory;
const [powerOfMemory = 0] = powerFactorsOf.memory;

/** Seconds of a busy processor that one of the set's busy counter stands for, at the highest clocks. */
export function busySecondsOf({ counters, busy }: CounterSet, { core }: ClockSetting): number {
  return counters[busy]?.grows === "cycles" ? 1 / core : 1;
}

export function timeTerms(set: CounterSet, highest: ClockSetting, { shares }: GreyBoxPrior): readonly Term[] {
  const unit = busySecondsOf(set, highest);
  const busyPrior = {
    [timeOfCore]: unit * shares.core,
    [timeOfUncore]: unit * shares.uncore,
    [timeOfMemory]: unit * shares.memory,
  };
  const waiting: FeatureParts = { parts: ["memory"], prior: { [timeOfMemory]: 1 } };
  const constant: FeatureParts = { parts: ["memory"], prior: {} };
  const counted = set.counters.map(({ parts }, at) => ({ parts, prior: at === set.busy ? busyPrior : {} }));
  return termsOf([...counted, waiting, constant], timeFactorsOf);
}

export function powerTerms(set: CounterSet, highest: ClockSetting, prior: GreyBoxPrior): readonly Term[] {
  const unit = busySecondsOf(set, highest);
  const busyPrior = clockPrior(prior.core, powerFactorsOf.core, unit);
  const waiting: FeatureParts = { parts: [], prior: {} };
  const constant: FeatureParts = {
    parts: ["uncore", "memory"],
    prior: clockPrior(prior.uncore, powerFactorsOf.uncore, 1),
  };
  const counted = set.counters.map(({ parts }, at) => ({ parts, prior: at === set.busy ? busyPrior : {} }));
  return termsOf([...counted, waiting, constant], powerFactorsOf);
}

/** f V(f)^2 multiplied out, and what is drawn at any clock. */
function clockPrior(
  { constantWatts, dynamicWatts, voltageFloor: floor }: ClockPower,
  [first = 0, second = 0, third = 0]: readonly number[],
  unit: number,
): Readonly<Record<number, number>> {
  const slope = 1 - floor;
  return {
    [first]: unit * dynamicWatts * floor ** 2,
    [second]: unit * dynamicWatts * 2 * floor * slope,
    [third]: unit * dynamicWatts * slope ** 2,
    [powerOfMemory]: unit * constantWatts,
  };
}
