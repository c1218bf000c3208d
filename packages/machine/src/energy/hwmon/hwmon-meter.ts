/**
 * Energy from hwmon sensors: counters where the chip has them, else its power summed over time.
 */
import type { EnergyReading } from "@frugal/core";
import { type CounterReading, CounterSet } from "../counter-set.ts";
import type { EnergyMeter, MeterProbe, MonotonicClock } from "../energy-meter.ts";
import { findHwmonChannels } from "./hwmon-channel.ts";
import { PowerIntegral } from "./power-integral.ts";

/** What reads the sensors that are known to cover the processors, where there are any; `sysRoot` is `/sys`. */
export function probeHwmon(sysRoot: string, clock: MonotonicClock): MeterProbe {
  const found = findHwmonChannels(sysRoot);
  if (found.kind === "unavailable") return found;
  const { chip, channels } = found;
  const names = channels.map((channel) => channel.name).join(", ");
  const readings =
    chip.quantity === "energy"
      ? new CounterSet(
          channels.map((channel) => ({ ...channel, wrapsAt: 0n, alwaysDraws: true })),
          clock,
        )
      : new PowerIntegral(channels, chip.quantity === "average", clock);
  return {
    kind: "found",
    meter: new HwmonMeter(readings, `hwmon sensor ${chip.name} (${chip.covers}): ${names}`),
  };
}

interface Readings {
  measure(): CounterReading;
  close(): void;
}

class HwmonMeter implements EnergyMeter {
  readonly name = "hwmon";
  readonly description: string;
  readonly powerModel = undefined;
  readonly #readings: Readings;

  constructor(readings: Readings, description: string) {
    this.#readings = readings;
    this.description = description;
  }

  measure(): EnergyReading {
    const reading = this.#readings.measure();
    if (reading.kind === "unavailable") return reading;
    return {
      kind: "energy",
      joules: reading.energy,
      source: "hwmon",
      quality: "measured",
      interval: reading.interval,
      detail: this.description,
    };
  }

  close(): void {
    this.#readings.close();
  }
}
