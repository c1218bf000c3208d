/** ReTail with the workflow as one service: one core clock for the whole run. */
import { definePacePolicy } from "../define-policy.ts";
import { wholeRunPolicy } from "./core-clock-policy.ts";
import { retailLatencies } from "./retail-latencies.ts";

export const retail = definePacePolicy({
  options: {},
  budgets: "fit",
  create: ({ model, reference }) => wholeRunPolicy(model, retailLatencies(model.grid.core, reference)),
});
