/**
 * Policies that set core clocks by load, as the governors of Linux's cpufreq do (admin-guide/pm/cpufreq). They know no
 * deadlines, leave the uncore clock to the hardware, and decide nothing when a stage is dispatched.
 */
import type { Hertz, Ratio, Seconds } from "@frugal/core";
import type { PacePolicy, StageDecision } from "../pace-policy.ts";

const nothing: StageDecision = {
  core: undefined,
  uncore: undefined,
  target: undefined,
  expected: undefined,
};

export const governorPolicy = (
  interval: Seconds,
  next: (domain: number, steps: readonly Hertz[], current: Hertz, load: Ratio) => Hertz,
): PacePolicy => ({
  decide: () => nothing,
  observe: () => undefined,
  runEnded: () => undefined,
  setsCore: true,
  setsUncore: false,
  governor: { interval, next },
});
