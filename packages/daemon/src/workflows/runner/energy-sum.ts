/**
 * The energy of several readings together: it is only as good as the worst of them, and unknown where one is unknown (I6).
 * What used no energy here is left out: it has no reading, but nothing is unknown of it.
 */
import { type EnergyQuality, type EnergyReading, plus } from "@frugal/core";

type Unavailable = Extract<EnergyReading, { kind: "unavailable" }>;

const none = (reason: string): Unavailable => ({ kind: "unavailable", reason });

/** In place of a reading where nothing ran whose energy would belong here. */
export const withoutEnergy = {
  nothing: none("nothing was executed that uses energy here"),
  notExecuted: none("it was not executed"),
  elsewhere: none("it was executed elsewhere"),
  /** A run that nobody waits for has its own energy. */
  unawaited: none("nobody waited for it"),
} as const;

const reasons: ReadonlySet<string> = new Set(Object.values(withoutEnergy).map(({ reason }) => reason));

const fromBest: readonly EnergyQuality[] = ["measured", "attributed", "estimated"];

export class EnergySum {
  #sum: EnergyReading = withoutEnergy.nothing;
  #isEmpty = true;

  get reading(): EnergyReading {
    return this.#sum;
  }

  add(reading: EnergyReading): void {
    const sum = this.#sum;
    if (reading.kind === "unavailable" && reasons.has(reading.reason)) return;
    if (this.#isEmpty) {
      this.#sum = reading;
      this.#isEmpty = false;
    } else if (sum.kind === "energy") {
      this.#sum =
        reading.kind === "unavailable"
          ? reading
          : {
              ...sum,
              joules: plus(sum.joules, reading.joules),
              interval: plus(sum.interval, reading.interval),
              quality: worse(sum.quality, reading.quality),
            };
    }
  }
}

const worse = (one: EnergyQuality, other: EnergyQuality): EnergyQuality =>
  fromBest.indexOf(one) > fromBest.indexOf(other) ? one : other;
