/**
 * An execution's counters as the table keeps them: whole, and as they would have been at the highest clocks.
 */
import type { ClockSetting } from "@frugal/core";
import type { CounterSet } from "../counters/counter-set.ts";
import type { StageObservation } from "../stage-model.ts";
import type { ClockShares } from "./clock-bases.ts";
import { busySecondsOf } from "./form/terms.ts";

/**
 * The counters, and then the seconds in which no processor was busy. Where it is not known how long one was, it counts as busy
 * throughout: waiting that is not seen must not be taken for what clocks do not change.
 */
export function completeCounters(
  set: CounterSet,
  highest: ClockSetting,
  { counters, latency }: StageObservation,
  clocks: ClockShares,
): Float64Array {
  if (counters.length !== set.counters.length)
    throw new RangeError(
      `${counters.length} counters are not those of the set "${set.name}": ${set.counters.length}`,
    );
  const complete = new Float64Array(counters.length + 1);
  complete.set(counters);
  const ofCycles = set.counters[set.busy]?.grows === "cycles";
  const secondsOfOne = busySecondsOf(set, highest) / (ofCycles ? clocks.core : 1);
  const read = counters[set.busy] ?? NaN;
  const busy = Number.isNaN(read) ? latency : read * secondsOfOne;
  complete[set.busy] = busy / secondsOfOne;
  complete[counters.length] = Math.max(0, latency - busy);
  return complete;
}

/**
 * Turns complete counters into those of the same execution at the highest clocks. `pace`: how long its busy time would be there,
 * as a share of what it was.
 */
export function atHighestClocks(
  set: CounterSet,
  complete: Float64Array,
  clocks: ClockShares,
  pace: number,
): void {
  for (const [at, { grows }] of set.counters.entries()) {
    if (grows === "work") continue;
    complete[at] = (complete[at] ?? NaN) * (grows === "cycles" ? pace / clocks.core : pace);
  }
}
