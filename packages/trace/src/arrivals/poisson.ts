import type { ArrivalGenerator } from "./arrival-generator.ts";

/**
 * A Poisson process given its number of events in a minute: the events are that many independent uniform points
 * (Ross, Stochastic Processes, theorem 2.3.1).
 */
export const poisson: ArrivalGenerator = {
  summary: "independent callers: the gaps are exponential (a Poisson process that meets each minute's count)",
  start: (random) => (count) => Float64Array.from({ length: count }, () => random.next()).sort(),
};
