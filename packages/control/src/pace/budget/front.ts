/**
 * What a stage can be: the clock settings worth choosing, from the predictions of a stage model.
 *
 * A setting is worth choosing where no other is at least as fast and costs less. What costs counts by energy or by power: the
 * setting of least power is slower than the one of least energy, which rests sooner.
 */
import { energyOf, type Joules, joules, type Seconds, seconds, watts } from "@frugal/core";

/** The `setting` of what no clock is chosen for: a call elsewhere, a wait. */
export const UNPACED = -1;

export interface StageOption {
  /** Number of the setting in the model's grid, or `UNPACED`. */
  readonly setting: number;
  /** Of one execution. */
  readonly latency: Seconds;
  /** Of one execution, the machine's static energy apart. */
  readonly energy: Joules;
}

export type FrontCost = "energy" | "power";

/** The settings worth choosing by `cost`, by ascending latency; none where nothing was predicted. */
export function frontOf(latencies: Float64Array, powers: Float64Array, cost: FrontCost): StageOption[] {
  const options: StageOption[] = [];
  for (const [setting, latency] of latencies.entries()) {
    const power = powers[setting] ?? NaN;
    if (!(latency > 0 && latency < Infinity && power >= 0 && power < Infinity)) continue;
    options.push({ setting, latency: seconds(latency), energy: energyOf(watts(power), seconds(latency)) });
  }
  return worthChoosing(options, cost);
}

/** The options that no other beats in latency and `cost` together, by ascending latency. */
export function worthChoosing(options: readonly StageOption[], cost: FrontCost): StageOption[] {
  const costOf = ({ energy, latency }: StageOption): number =>
    cost === "energy" ? energy : energy / latency;
  const sorted = options.toSorted((a, b) => a.latency - b.latency || costOf(a) - costOf(b));
  let least = Infinity;
  return sorted.filter((option) => {
    const isCheaper = costOf(option) < least;
    if (isCheaper) least = costOf(option);
    return isCheaper;
  });
}

/** The only option of a stage that takes what it takes. */
export const unpaced = (latency: Seconds): readonly StageOption[] => [
  { setting: UNPACED, latency, energy: joules(0) },
];
