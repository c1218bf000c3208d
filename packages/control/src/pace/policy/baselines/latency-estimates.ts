/**
 * What the power managers that kypous compares with know of functions: latencies by core clock, learnt from executions.
 */
import type { PayloadSize, Seconds, StageKey } from "@frugal/core";
import type { StageObservation } from "@frugal/predict";

export interface LatencyEstimates {
  /**
   * Of an execution at the core clock of place `core` in the grid; without a payload, on average. Undefined where the key is
   * not known.
   */
  at(key: StageKey, core: number, payload: PayloadSize | undefined): Seconds | undefined;
  observe(observation: StageObservation): void;
}
