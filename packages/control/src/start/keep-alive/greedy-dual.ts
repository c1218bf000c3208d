/**
 * Greedy-dual keep-alive (FaasCache, Fuerst and Sharma, ASPLOS 2021): instances stay until their memory is needed, then
 * the one goes whose loss costs least: priority = clock + frequency x start cost / size.
 *
 * The clock rises to the priority of what was evicted, so that functions age which were frequent long ago. A function's
 * frequency counts its invocations since it last had no instance in memory; evicting resets it [ours: per function, as
 * instances of one function are alike].
 */
import { type FunctionName, inMebibytes, seconds } from "@frugal/core";
import { definePolicy, type EvictionCandidate, type RestPlan } from "./keep-alive.ts";

const forever: RestPlan = { keepFor: seconds(Infinity), prewarm: undefined };

export const greedyDual = definePolicy({
  summary: "keep instances until memory is short, then evict by frequency, start cost and size",
  defaults: {},
  create() {
    let clock = 0;
    /** Per function: invocations counted, and the clock at its last use. */
    const uses = new Map<FunctionName, { count: number; clock: number }>();
    return {
      arrived(fn) {
        const use = uses.get(fn);
        if (use === undefined) uses.set(fn, { count: 1, clock });
        else {
          use.count++;
          use.clock = clock;
        }
      },
      rest: () => forever,
      priority(candidate: EvictionCandidate) {
        const use = uses.get(candidate.function);
        const count = use?.count ?? 0;
        return (use?.clock ?? clock) + (count * candidate.startCost) / inMebibytes(candidate.memory);
      },
      evicted(priority) {
        clock = Math.max(clock, priority);
      },
      forget(fn) {
        uses.delete(fn);
      },
    };
  },
});
