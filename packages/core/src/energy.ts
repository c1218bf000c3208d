/**
 * Energy with a pedigree: every figure says where it came from and how good it is. Never a silent zero.
 */
import type { Joules, Seconds } from "./units.ts";

/** Where a figure came from: a RAPL counter, a hwmon sensor, a model of the machine, or the simulator. */
export type EnergySource = "rapl" | "hwmon" | "model" | "simulated";

/**
 * How good a figure is: read off a sensor (`measured`), a share of a sensor's reading (`attributed`), or calculated
 * without any sensor (`estimated`).
 */
export type EnergyQuality = "measured" | "attributed" | "estimated";

export interface EnergyAmount {
  readonly kind: "energy";
  readonly joules: Joules;
  readonly source: EnergySource;
  readonly quality: EnergyQuality;
  /** Length of the time over which the energy was drawn. */
  readonly interval: Seconds;
  /** What exactly was read or calculated: the RAPL zones, or the reference server of a model. */
  readonly detail: string;
}

export interface EnergyUnavailable {
  readonly kind: "unavailable";
  readonly reason: string;
}

export type EnergyReading = EnergyAmount | EnergyUnavailable;

/** The quality of a share of a reading: a share of a measurement is no measurement. */
export const qualityOfShare = (whole: EnergyQuality): EnergyQuality =>
  whole === "measured" ? "attributed" : whole;
