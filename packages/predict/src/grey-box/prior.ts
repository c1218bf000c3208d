/**
 * What is believed of a machine before anything was measured on it: how an execution's time divides among the parts of the machine,
 * and what the clocked parts draw. A reference server or a calibrated machine gives better ones than these.
 */
import type { ClockPower } from "../reference-server/clock-power.ts";
import type { TimeShares } from "../reference-server/time-shares.ts";

export interface GreyBoxPrior {
  /** Of the time on a processor at the highest clocks. */
  readonly shares: TimeShares;
  /** Of one busy core. */
  readonly core: ClockPower;
  /** Of the uncore, as far as an execution keeps it awake. */
  readonly uncore: ClockPower;
}

/**
 * Shares: kypous, section 3, sees latency fall by half (video-processing) and by 30 % (thumbnailer) from 1.2 to 2.5 GHz, which is what
 * core shares of 0.92 and 0.40 do, and lower uncore clocks add 10 % and 0.3 %; between the two. Watts: of a server processor of
 * 100 W with a dozen cores. Only ratios matter for a choice of clocks, and measured power replaces them.
 */
export const assumedPrior: GreyBoxPrior = {
  shares: { core: 0.65, uncore: 0.1, memory: 0.25 },
  core: { constantWatts: 1, dynamicWatts: 5, voltageFloor: 0.5 },
  uncore: { constantWatts: 2, dynamicWatts: 10, voltageFloor: 0.5 },
};
