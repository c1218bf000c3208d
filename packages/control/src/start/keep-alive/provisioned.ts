/**
 * Provisioned minimum: only the instances that a function provisions stay (the control plane never stops those); every
 * other one is stopped as soon as it is idle.
 */
import { seconds } from "@frugal/core";
import { constantPlan, definePolicy } from "./keep-alive.ts";

export const provisioned = definePolicy({
  summary: "keep a function's provisioned instances only",
  defaults: { lingerSeconds: 0 },
  create: ({ lingerSeconds }) => constantPlan({ keepFor: seconds(lingerSeconds), prewarm: undefined }),
});
