/** Gemini decomposed: each function by its own budget, without feedback. */
import { definePacePolicy } from "../define-policy.ts";
import { perStagePolicy } from "./core-clock-policy.ts";
import { geminiLatencies } from "./gemini-latencies.ts";

export const geminiPlus = definePacePolicy({
  options: {},
  budgets: "fit",
  create: ({ model: { grid }, reference }) =>
    perStagePolicy(grid.core, geminiLatencies(grid.core, reference)),
});
