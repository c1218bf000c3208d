/**
 * Linux's conservative governor: above a threshold of load the clock rises by a share of the highest, below another it falls by
 * as much. What it asks for moves by less than a step; the step below is set on the way up, the one above on the way down.
 */
import { type Hertz, hertz, seconds } from "@frugal/core";
import { highestStep, lowestStep, stepAtLeast, stepAtMost } from "../../steps.ts";
import { definePacePolicy } from "../define-policy.ts";
import { governorPolicy } from "./governor-policy.ts";

export const conservative = definePacePolicy({
  options: { intervalSeconds: 0.01, upThreshold: 0.8, downThreshold: 0.2, clockStep: 0.05 },
  budgets: "fit",
  create({ options: { intervalSeconds, upThreshold, downThreshold, clockStep } }) {
    const requested = new Map<number, Hertz>();
    return governorPolicy(seconds(intervalSeconds), (domain, steps, current, load) => {
      const [lowest, highest] = [lowestStep(steps), highestStep(steps)];
      const before = requested.get(domain) ?? current;
      if (load > upThreshold) {
        const next = hertz(Math.min(highest, before + clockStep * highest));
        requested.set(domain, next);
        return stepAtMost(steps, next);
      }
      if (load >= downThreshold) return current;
      const next = hertz(Math.max(lowest, before - clockStep * highest));
      requested.set(domain, next);
      return stepAtLeast(steps, next);
    });
  },
});
