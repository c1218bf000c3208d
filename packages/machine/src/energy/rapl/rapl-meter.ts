/**
 * Energy of the processor packages and their memory, from the RAPL counters. Disks, fans and power supply are not in it.
 */
import type { EnergyReading } from "@frugal/core";
import { CounterSet } from "../counter-set.ts";
import type { EnergyMeter, MeterProbe, MonotonicClock } from "../energy-meter.ts";
import { findRaplZones } from "./rapl-zone.ts";

/** What reads RAPL where the kernel offers it and lets us; `sysRoot` is `/sys`. */
export function probeRapl(sysRoot: string, clock: MonotonicClock): MeterProbe {
  const zones = findRaplZones(sysRoot);
  if (zones.kind === "unavailable") return zones;
  const names = zones.sources.map((source) => source.name).join(", ");
  const without = zones.missing.length === 0 ? "" : `; without memory: ${zones.missing.join("; ")}`;
  return {
    kind: "found",
    meter: new RaplMeter(new CounterSet(zones.sources, clock), `RAPL zones ${names}${without}`),
  };
}

class RaplMeter implements EnergyMeter {
  readonly name = "rapl";
  readonly description: string;
  readonly powerModel = undefined;
  readonly #counters: CounterSet;

  constructor(counters: CounterSet, description: string) {
    this.#counters = counters;
    this.description = description;
  }

  measure(): EnergyReading {
    const reading = this.#counters.measure();
    if (reading.kind === "unavailable") return reading;
    return {
      kind: "energy",
      joules: reading.energy,
      source: "rapl",
      quality: "measured",
      interval: reading.interval,
      detail: this.description,
    };
  }

  close(): void {
    this.#counters.close();
  }
}
