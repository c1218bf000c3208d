/**
 * Linux's schedutil governor: a quarter more than what the utilisation needs, 1.25 x highest clock x utilisation. Utilisation
 * counts work, not time: time at half the clock counts half. As in the kernel's per-entity load tracking it is an average whose
 * weights halve every 32 ms; here it is taken once an interval, there at the scheduler's events.
 */
import { hertz, seconds } from "@frugal/core";
import { highestStep, stepAtLeast } from "../../steps.ts";
import { definePacePolicy } from "../define-policy.ts";
import { governorPolicy } from "./governor-policy.ts";

export const schedutil = definePacePolicy({
  options: { intervalSeconds: 0.01, headroom: 0.25, halfLifeSeconds: 0.032 },
  budgets: "fit",
  create({ options: { intervalSeconds, headroom, halfLifeSeconds } }) {
    const utilisations = new Map<number, number>();
    const kept = 0.5 ** (intervalSeconds / halfLifeSeconds);
    return governorPolicy(seconds(intervalSeconds), (domain, steps, current, load) => {
      const highest = highestStep(steps);
      const before = utilisations.get(domain) ?? 0;
      const utilisation = kept * before + (1 - kept) * load * (current / highest);
      utilisations.set(domain, utilisation);
      return stepAtLeast(steps, hertz((1 + headroom) * highest * utilisation));
    });
  },
});
