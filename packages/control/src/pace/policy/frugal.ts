/**
 * Ours: of the settings that are expected to take no longer than the stage's target, the one of least energy. A setting of less
 * power that takes more energy is not chosen because there is time for it; budgets are those of least energy.
 */
import { definePacePolicy } from "./define-policy.ts";
import { modelPolicy, usualOptions } from "./model-policy.ts";

export const frugal = definePacePolicy({
  options: usualOptions,
  budgets: "least-energy",
  create: (parts) => modelPolicy(parts, "energy", "set"),
});
