/**
 * The hybrid histogram policy of Azure Functions (Shahrad et al., "Serverless in the Wild", USENIX ATC 2020, section 4.2).
 *
 * Per function, idle times in one-minute bins up to a range. Where they concentrate (the counts' coefficient of variation
 * is at least 2), the instance is stopped at once, started again just before the 5th percentile and kept until the 99th,
 * each with a margin of 10 %. Where most idle times lie beyond the range, a time-series forecast takes the bins' place
 * [ours: a first-order autoregression instead of the paper's automatic ARIMA]. Else a standard keep-alive.
 */
import { type FunctionName, type Seconds, seconds } from "@frugal/core";
import { IdleTimeHistogram } from "./idle-time-histogram.ts";
import { definePolicy, leastRecentlyUsed, type RestPlan } from "./keep-alive.ts";

interface Habit {
  readonly histogram: IdleTimeHistogram;
  /** Since when the function has no work at all. */
  restingSince: Seconds | undefined;
}

interface Options {
  readonly rangeMinutes: number;
  readonly headQuantile: number;
  readonly tailQuantile: number;
  readonly margin: number;
  readonly forecastMargin: number;
  readonly minimumVariation: number;
  readonly minimumObservations: number;
  readonly standardSeconds: number;
}

export const hybridHistogram = definePolicy({
  summary: "learn each function's idle times: stop, prewarm and keep it by them",
  defaults: {
    rangeMinutes: 240,
    headQuantile: 0.05,
    tailQuantile: 0.99,
    margin: 0.1,
    forecastMargin: 0.15,
    minimumVariation: 2,
    minimumObservations: 5,
    standardSeconds: 600,
  },
  create(options) {
    const habits = new Map<FunctionName, Habit>();
    const habitOf = (fn: FunctionName): Habit => {
      let habit = habits.get(fn);
      if (habit === undefined) {
        habit = { histogram: new IdleTimeHistogram(options.rangeMinutes), restingSince: undefined };
        habits.set(fn, habit);
      }
      return habit;
    };
    return {
      arrived(fn, now) {
        const habit = habitOf(fn);
        if (habit.restingSince === undefined) return;
        habit.histogram.record(seconds(now - habit.restingSince));
        habit.restingSince = undefined;
      },
      rest(fn, now, atRest) {
        const habit = habitOf(fn);
        if (atRest) habit.restingSince = now;
        const plan = planOf(habit.histogram, options);
        return atRest || plan.prewarm === undefined
          ? plan
          : { keepFor: plan.prewarm.keepFor, prewarm: undefined };
      },
      priority: leastRecentlyUsed,
      evicted: () => undefined,
      forget(fn) {
        habits.delete(fn);
      },
    };
  },
});

function planOf(histogram: IdleTimeHistogram, options: Options): RestPlan {
  const standard: RestPlan = { keepFor: seconds(options.standardSeconds), prewarm: undefined };
  if (histogram.count < options.minimumObservations) return standard;
  if (histogram.shareOutOfRange > 0.5) return forecastPlan(histogram, options) ?? standard;
  if (histogram.binVariation < options.minimumVariation) return standard;
  const head = seconds(histogram.lowerBound(options.headQuantile) * (1 - options.margin));
  const tail = seconds(histogram.upperBound(options.tailQuantile) * (1 + options.margin));
  return window(head, tail);
}

function forecastPlan(histogram: IdleTimeHistogram, options: Options): RestPlan | undefined {
  const next = histogram.forecast();
  if (next === undefined) return undefined;
  return window(seconds(next * (1 - options.forecastMargin)), seconds(next * (1 + options.forecastMargin)));
}

/** Be there from `head` to `tail` after the last work; from the start, where the head is at once. */
function window(head: Seconds, tail: Seconds): RestPlan {
  if (head <= 0) return { keepFor: tail, prewarm: undefined };
  return { keepFor: seconds(0), prewarm: { after: head, keepFor: seconds(tail - head) } };
}
