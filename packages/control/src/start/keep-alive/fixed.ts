/**
 * Fixed keep-alive: every idle instance stays for the same time. What most platforms do.
 */
import { seconds } from "@frugal/core";
import { definePolicy, leastRecentlyUsed, type RestPlan } from "./keep-alive.ts";

export const fixed = definePolicy({
  summary: "keep every idle instance for the same time",
  defaults: { keepForSeconds: 600 },
  create(options) {
    const plan: RestPlan = { keepFor: seconds(options.keepForSeconds), prewarm: undefined };
    return {
      arrived: () => undefined,
      rest: () => plan,
      priority: leastRecentlyUsed,
      evicted: () => undefined,
      forget: () => undefined,
    };
  },
});
