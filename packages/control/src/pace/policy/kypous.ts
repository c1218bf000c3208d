/**
 * The paper's: of the settings that are expected to take no longer than the stage's target, the one of least power. Budgets are
 * reachable latencies that use the deadline up. Source: kypous, section 5.
 */
import { definePacePolicy } from "./define-policy.ts";
import { modelPolicy, usualOptions } from "./model-policy.ts";

export const kypous = definePacePolicy({
  options: usualOptions,
  budgets: "fit",
  create: (parts) => modelPolicy(parts, "power", "set"),
});
