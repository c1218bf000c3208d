/**
 * Keep-alive by joules: an idle instance stays as long as the expected energy of keeping its memory is below that of the
 * start that it saves, by the function's own idle times. Where a start would miss the deadline, it stays or is started
 * ahead so that nearly no invocation meets a start, whichever of the two takes fewer joules.
 *
 * The expected energy of keeping for T is E[min(idle, T)] x power + P(idle > T) x start; T is the bound of the histogram
 * where that is least. Until enough idle times were seen, and for instances beside others that work, whose idle times say
 * nothing about theirs, T is the break-even time start / power: at most twice the energy of who knew the future
 * (Karlin et al., "Competitive randomized algorithms for nonuniform problems", Algorithmica 1994, on ski rental).
 */
import { type FunctionName, largest, type Seconds, seconds, smallest } from "@frugal/core";
import { IdleTimeLadder } from "./idle-time-ladder.ts";
import { definePolicy, leastRecentlyUsed, type RestCosts, type RestPlan } from "./keep-alive.ts";

interface Habit {
  readonly idleTimes: IdleTimeLadder;
  /** Since when the function has no work at all. */
  restingSince: Seconds | undefined;
}

interface Options {
  readonly longestSeconds: number;
  readonly minimumObservations: number;
  readonly standardSeconds: number;
  readonly missedShare: number;
  readonly margin: number;
}

export const leastJoules = definePolicy({
  summary: "keep an instance while that takes fewer joules than the start it saves, or a deadline needs it",
  defaults: {
    longestSeconds: 14_400,
    minimumObservations: 5,
    standardSeconds: 600,
    missedShare: 0.01,
    margin: 0.1,
  },
  create(options) {
    const habits = new Map<FunctionName, Habit>();
    const habitOf = (fn: FunctionName): Habit => {
      let habit = habits.get(fn);
      if (habit === undefined) {
        habit = { idleTimes: new IdleTimeLadder(), restingSince: undefined };
        habits.set(fn, habit);
      }
      return habit;
    };
    return {
      arrived(fn, now) {
        const habit = habitOf(fn);
        if (habit.restingSince === undefined) return;
        habit.idleTimes.record(seconds(now - habit.restingSince));
        habit.restingSince = undefined;
      },
      rest(fn, now, atRest, costs) {
        const habit = habitOf(fn);
        if (atRest) habit.restingSince = now;
        return planOf(habit.idleTimes, atRest, costs, options);
      },
      priority: leastRecentlyUsed,
      evicted: () => undefined,
      forget(fn) {
        habits.delete(fn);
      },
    };
  },
});

function planOf(idleTimes: IdleTimeLadder, atRest: boolean, costs: RestCosts, options: Options): RestPlan {
  const longest = seconds(options.longestSeconds);
  const isKnown = idleTimes.count >= options.minimumObservations;
  const breakEven = smallest(longest, seconds(costs.startJoules / costs.power));
  const cheapest = atRest && isKnown ? smallest(longest, cheapestKeep(idleTimes, costs)) : breakEven;
  if (costs.deadline === undefined || costs.startTime <= costs.deadline) return keep(cheapest);
  if (!isKnown) return keep(largest(cheapest, seconds(options.standardSeconds)));
  const tail = smallest(
    longest,
    seconds(idleTimes.upperBound(1 - options.missedShare) * (1 + options.margin)),
  );
  if (!atRest) return keep(largest(cheapest, tail));
  const head = seconds(idleTimes.lowerBound(options.missedShare) * (1 - options.margin) - costs.startTime);
  const saved = costs.power * head;
  if (head > 0 && head < tail && saved > costs.startJoules) {
    return { keepFor: seconds(0), prewarm: { after: head, keepFor: seconds(tail - head) } };
  }
  return keep(largest(cheapest, tail));
}

const keep = (keepFor: Seconds): RestPlan => ({ keepFor, prewarm: undefined });

/** The keep-alive time of least expected joules. */
function cheapestKeep(idleTimes: IdleTimeLadder, { startJoules, power }: RestCosts): Seconds {
  let best = seconds(0);
  let least = startJoules * idleTimes.count;
  let covered = 0;
  let spent = 0;
  idleTimes.forEachStep((upper, count, total) => {
    covered += count;
    spent += total;
    const left = idleTimes.count - covered;
    const joules = power * (spent + left * upper) + startJoules * left;
    if (count > 0 && joules < least) {
      least = joules;
      best = upper;
    }
  });
  return best;
}
