/** The highest core clock at all times. */
import { seconds } from "@frugal/core";
import { highestStep } from "../../steps.ts";
import { definePacePolicy } from "../define-policy.ts";
import { governorPolicy } from "./governor-policy.ts";

export const performance = definePacePolicy({
  options: { intervalSeconds: 1 },
  budgets: "fit",
  create: ({ options }) =>
    governorPolicy(seconds(options.intervalSeconds), (_domain, steps) => highestStep(steps)),
});
