/**
 * Linux's ondemand governor: the highest clock above a threshold of load, else a clock in proportion to the load between the
 * lowest and the highest. Its threshold is 95 % where the kernel accounts idle time exactly, as kernels of servers do (80 %
 * elsewhere), its interval a thousand times the transition latency of 10 us that drivers tell.
 */
import { seconds } from "@frugal/core";
import { highestStep, lowestStep, nearestStep } from "../../steps.ts";
import { definePacePolicy } from "../define-policy.ts";
import { governorPolicy } from "./governor-policy.ts";

export const ondemand = definePacePolicy({
  options: { intervalSeconds: 0.01, upThreshold: 0.95 },
  budgets: "fit",
  create: ({ options: { intervalSeconds, upThreshold } }) =>
    governorPolicy(seconds(intervalSeconds), (_domain, steps, _current, load) => {
      const [lowest, highest] = [lowestStep(steps), highestStep(steps)];
      return load > upThreshold ? highest : nearestStep(steps, lowest + load * (highest - lowest));
    }),
});
