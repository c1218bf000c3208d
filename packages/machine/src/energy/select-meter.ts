/**
 * Chooses this host's energy meter: RAPL, else hwmon sensors, else the model. Why the better ones were not taken is kept, for
 * people to see.
 */
import type { EnergyReading } from "@frugal/core";
import { readProcessor } from "../host/processor.ts";
import type { EnergyMeter, MeterProbe, MonotonicClock } from "./energy-meter.ts";
import { probeHwmon } from "./hwmon/hwmon-meter.ts";
import { probeModel } from "./model/utilisation-model-meter.ts";
import { probeRapl } from "./rapl/rapl-meter.ts";
import type { ReferenceServer } from "./reference-servers/reference-server.ts";

export interface MeterSearch {
  /** `/sys`. */
  readonly sysRoot: string;
  /** `/proc`. */
  readonly procRoot: string;
  readonly clock: MonotonicClock;
  /** For the model: `loadReferenceServers()`. */
  readonly servers: readonly ReferenceServer[];
}

export const meterNames = ["rapl", "hwmon", "model"] as const;
export type MeterName = (typeof meterNames)[number];

export interface RejectedMeter {
  readonly name: MeterName;
  readonly reason: string;
}

export interface MeterChoice {
  /** Always there; where nothing can be had, one whose every reading is unavailable. */
  readonly meter: EnergyMeter;
  /** The better ones, in order of preference, with why each cannot be used. */
  readonly rejected: readonly RejectedMeter[];
}

const probes: Readonly<Record<MeterName, (search: MeterSearch) => MeterProbe>> = {
  rapl: ({ sysRoot, clock }) => probeRapl(sysRoot, clock),
  hwmon: ({ sysRoot, clock }) => probeHwmon(sysRoot, clock),
  model: ({ sysRoot, procRoot, clock, servers }) =>
    probeModel({ procRoot, clock, servers, processor: readProcessor(procRoot, sysRoot) }),
};

/** The best meter of this host. */
export function selectMeter(search: MeterSearch): MeterChoice {
  const rejected: RejectedMeter[] = [];
  for (const name of meterNames) {
    const probe = probes[name](search);
    if (probe.kind === "found") return { meter: probe.meter, rejected };
    rejected.push({ name, reason: probe.reason });
  }
  return { meter: new AbsentMeter(rejected), rejected };
}

/** The null object among meters: says at every reading why there is none. */
class AbsentMeter implements EnergyMeter {
  readonly name = "none";
  readonly description: string;
  readonly powerModel = undefined;

  constructor(rejected: readonly RejectedMeter[]) {
    this.description = `no energy meter: ${rejected.map(({ name, reason }) => `${name}: ${reason}`).join("; ")}`;
  }

  measure(): EnergyReading {
    return { kind: "unavailable", reason: this.description };
  }

  close(): void {
    // It has nothing open.
  }
}
