/**
 * Like `frugal`, with the uncore clock left to the hardware: what it adds shows in comparison.
 */
import { definePacePolicy } from "./define-policy.ts";
import { modelPolicy, usualOptions } from "./model-policy.ts";

export const frugalCoreOnly = definePacePolicy({
  options: usualOptions,
  budgets: "least-energy",
  create: (parts) => modelPolicy(parts, "energy", "left"),
});
