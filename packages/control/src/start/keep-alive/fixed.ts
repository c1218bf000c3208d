/**
 * Fixed keep-alive: every idle instance stays for the same time. What most platforms do.
 */
import { seconds } from "@frugal/core";
import { constantPlan, definePolicy } from "./keep-alive.ts";

export const fixed = definePolicy({
  summary: "keep every idle instance for the same time",
  defaults: { keepForSeconds: 600 },
  create: ({ keepForSeconds }) => constantPlan({ keepFor: seconds(keepForSeconds), prewarm: undefined }),
});
