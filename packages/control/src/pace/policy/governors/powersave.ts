/** The lowest core clock at all times. */
import { seconds } from "@frugal/core";
import { lowestStep } from "../../steps.ts";
import { definePacePolicy } from "../define-policy.ts";
import { governorPolicy } from "./governor-policy.ts";

export const powersave = definePacePolicy({
  options: { intervalSeconds: 1 },
  budgets: "fit",
  create: ({ options }) =>
    governorPolicy(seconds(options.intervalSeconds), (_domain, steps) => lowestStep(steps)),
});
