/**
 * Policies that choose by a model, from one stage to the next: the cheapest setting that takes no longer than the stage's budget
 * and its part of the slack.
 *
 * Invariants (cited by the tests):
 *   M1  what is expected of a stage is within its target, where any setting is
 *   M2  a stage that cannot make its target has the clocks that help: what is hardly slower than the fastest may be chosen
 *   M3  where nothing is known of a function, or nobody asked for a deadline, it has the highest clocks
 */
import { type ClockSetting, gridSetting, scaled, type Seconds } from "@frugal/core";
import type { FrontCost } from "../budget/front.ts";
import type { Gain } from "../slack/gain.ts";
import { nextTarget } from "../slack/target.ts";
import { nearestPlace } from "../steps.ts";
import { GridScan } from "./grid-scan.ts";
import type { PacePolicy, PacePolicyParts, StageDecision, StageSituation } from "./pace-policy.ts";

/**
 * The controller's parameters are those that `tuneGain` finds good for many workflows rather than best for one: 108 chains and
 * fans of 2 to 8 stages that vary by 5 to 20 %, half of them with late starts, to be in time in 95 % of runs. With them 2.6 %
 * of runs were late, and took 4.0 % more energy than planned; without a controller 11.9 %, as planned. Half of `k0` saves
 * 1.8 % of the energy, and 3.5 % of runs are late; `a` and `b` matter little.
 */
export const usualOptions = {
  a: 4,
  b: 1,
  c: 0.75,
  k0: 1,
  /** What a late stage may take longer than at the fastest setting, as a share, for what costs less. */
  useful: 0.01,
};

interface ModelPolicyParts extends PacePolicyParts {
  readonly options: Readonly<typeof usualOptions>;
}

/** `cost` is what is to be least; `uncore` whether that clock is set or left to the hardware, at the reference. */
export function modelPolicy(parts: ModelPolicyParts, cost: FrontCost, uncore: "set" | "left"): PacePolicy {
  const { model, reference, options } = parts;
  const leftAt = reference.uncore === undefined ? 0 : nearestPlace(model.grid.uncore, reference.uncore);
  const scan = new GridScan(model, uncore === "left" ? leftAt : undefined);
  const clocksOf = (setting: ClockSetting): ClockSetting =>
    uncore === "left" ? { core: setting.core, uncore: undefined } : setting;
  const highest = clocksOf(reference);
  return {
    decide(stage): StageDecision {
      const target = targetOf(stage, options);
      if (target === undefined || !scan.predict(stage.key, stage.payload))
        return { ...highest, target, expected: undefined };
      const inTime = scan.cheapestWithin(target, cost);
      const setting =
        inTime >= 0 ? inTime : scan.cheapestWithin(scaled(scan.least, 1 + options.useful), cost);
      if (setting < 0) return { ...highest, target, expected: undefined };
      const expected = { latency: scan.latencyOf(setting), energy: scan.energyOf(setting) };
      return { ...clocksOf(gridSetting(model.grid, setting)), target, expected };
    },
    observe: () => undefined,
    runEnded: () => undefined,
    setsCore: true,
    setsUncore: uncore === "set",
    governor: undefined,
  };
}

const targetOf = ({ budget, slack, run }: StageSituation, gain: Gain): Seconds | undefined =>
  budget === undefined ? undefined : nextTarget(budget, slack, run?.plan.deadline ?? budget, gain);
