/**
 * Provisioned minimum: only the instances that a function provisions stay (the control plane never stops those); every
 * other one is stopped as soon as it is idle.
 */
import { seconds } from "@frugal/core";
import { definePolicy, leastRecentlyUsed, type RestPlan } from "./keep-alive.ts";

export const provisioned = definePolicy({
  summary: "keep a function's provisioned instances only",
  defaults: { lingerSeconds: 0 },
  create(options) {
    const plan: RestPlan = { keepFor: seconds(options.lingerSeconds), prewarm: undefined };
    return {
      arrived: () => undefined,
      rest: () => plan,
      priority: leastRecentlyUsed,
      evicted: () => undefined,
      forget: () => undefined,
    };
  },
});
