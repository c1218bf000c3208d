/** Gemini with the workflow as one service: one core clock for the whole run. */
import { definePacePolicy } from "../define-policy.ts";
import { wholeRunPolicy } from "./core-clock-policy.ts";
import { geminiLatencies } from "./gemini-latencies.ts";

export const gemini = definePacePolicy({
  options: {},
  budgets: "fit",
  create: ({ model, reference }) => wholeRunPolicy(model, geminiLatencies(model.grid.core, reference)),
});
