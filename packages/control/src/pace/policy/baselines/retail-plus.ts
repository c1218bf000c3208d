/** ReTail decomposed: each function by its own budget, without feedback. */
import { definePacePolicy } from "../define-policy.ts";
import { perStagePolicy } from "./core-clock-policy.ts";
import { retailLatencies } from "./retail-latencies.ts";

export const retailPlus = definePacePolicy({
  options: {},
  budgets: "fit",
  create: ({ model: { grid }, reference }) =>
    perStagePolicy(grid.core, retailLatencies(grid.core, reference)),
});
