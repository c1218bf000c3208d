/**
 * ReTail's model: for each function and core clock a linear regression of latency on the payload. Source: Chen et al., "ReTail:
 * Opting for Learning Simplicity to Enable QoS-Aware Power Management in the Cloud", HPCA 2022.
 *
 * It needs an execution at each clock. Until there is one, the nearest higher clock stands in, and latency is taken to grow as
 * the clock falls: at most that much. So a clock is tried when it is in time at worst.
 */
import {
  type ClockSetting,
  type Hertz,
  type PayloadSize,
  scaled,
  type Seconds,
  type StageKey,
} from "@frugal/core";
import { nearestPlace } from "../../steps.ts";
import type { LatencyEstimates } from "./latency-estimates.ts";
import { PayloadRegression } from "./payload-regression.ts";

/** `reference` is where functions run when nothing says at which clocks they did. */
export function retailLatencies(steps: readonly Hertz[], reference: ClockSetting): LatencyEstimates {
  const functions = new Map<StageKey, readonly PayloadRegression[]>();
  return {
    at(key, core, payload) {
      const regressions = functions.get(key);
      if (regressions === undefined) return undefined;
      const known = nearestKnown(regressions, core);
      const regression = regressions[known];
      if (regression?.isKnown !== true) return undefined;
      const latency = latencyOf(regression, payload);
      return scaled(latency, Math.max(1, (steps[known] ?? 0) / (steps[core] ?? 1)));
    },
    observe({ key, payload, clocks, latency }) {
      const regressions = functions.get(key) ?? steps.map(() => new PayloadRegression());
      functions.set(key, regressions);
      regressions[nearestPlace(steps, (clocks ?? reference).core)]?.observe(payload, latency);
    },
  };
}

/** `core` itself, else the next higher clock that is known, else the highest lower one. */
function nearestKnown(regressions: readonly PayloadRegression[], core: number): number {
  const higher = regressions.findIndex(({ isKnown }, place) => place >= core && isKnown);
  return higher >= 0 ? higher : regressions.findLastIndex(({ isKnown }) => isKnown);
}

const latencyOf = (regression: PayloadRegression, payload: PayloadSize | undefined): Seconds =>
  payload === undefined ? regression.mean : regression.at(payload);
