import type { ArrivalGenerator } from "./arrival-generator.ts";

/** Equal gaps inside a minute. Each function has its own phase, else all would arrive at the same instants. */
export const uniform: ArrivalGenerator = {
  summary: "equal gaps within a minute, with a random phase of each function",
  start: (random) => {
    const phase = random.next();
    return (count) => Float64Array.from({ length: count }, (_, i) => (i + phase) / count);
  },
};
