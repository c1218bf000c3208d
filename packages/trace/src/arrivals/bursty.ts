import type { Random } from "@frugal/core";
import type { ArrivalGenerator } from "./arrival-generator.ts";

/** Mean invocations of a burst, and the share of a minute over which one is spread: a second. */
const MEAN_BURST = 8;
const SPREAD = 1 / 60;

/**
 * A Neyman-Scott cluster process that meets each minute's count: bursts of geometric size start at independent uniform
 * points, and their invocations fall uniformly into the second that follows.
 */
export const bursty: ArrivalGenerator = {
  summary: `bursts of ${MEAN_BURST} on average within a second, at independent times`,
  start: (random) => (count) => {
    const places = new Float64Array(count);
    for (let filled = 0; filled < count;) {
      const start = random.next() * (1 - SPREAD);
      const end = Math.min(count, filled + geometric(random, MEAN_BURST));
      for (; filled < end; filled++) places[filled] = start + random.next() * SPREAD;
    }
    return places.sort();
  },
};

/** A whole number from 1 with the given mean: trials until a success of probability 1 / mean. */
const geometric = (random: Random, mean: number): number =>
  1 + Math.floor(Math.log1p(-random.next()) / Math.log1p(-1 / mean));
