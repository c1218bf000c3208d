/**
 * Gemini's model as kypous (section 7.1) takes it: the average latency at the base clock (here a running one), and the product of latency and core clock
 * constant. Source: Zhou et al., "Gemini: Learning to Manage CPU Power for Latency-Critical Search Engines", MICRO 2020 (which
 * predicts the latency at the base clock by a neural network made for searches).
 */
import { type ClockSetting, type Hertz, scaled, type StageKey } from "@frugal/core";
import { Estimate } from "../../../estimate.ts";
import { nearestPlace } from "../../steps.ts";
import type { LatencyEstimates } from "./latency-estimates.ts";

/** `base`: only executions at its core clock count, and those of which nobody knows at which they were. */
export function geminiLatencies(steps: readonly Hertz[], base: ClockSetting): LatencyEstimates {
  const means = new Map<StageKey, Estimate<"s">>();
  const basePlace = nearestPlace(steps, base.core);
  return {
    at(key, core) {
      const mean = means.get(key)?.value;
      return mean === undefined ? undefined : scaled(mean, base.core / (steps[core] ?? base.core));
    },
    observe({ key, clocks, latency }) {
      if (nearestPlace(steps, (clocks ?? base).core) !== basePlace) return;
      const mean = means.get(key) ?? new Estimate();
      means.set(key, mean);
      mean.observe(latency);
    },
  };
}
