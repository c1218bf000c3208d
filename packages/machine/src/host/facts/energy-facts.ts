/**
 * What tells this machine's energy: each meter, with what stands in its way.
 */
import { seconds } from "@frugal/core";
import type { MeterProbe } from "../../energy/energy-meter.ts";
import { probeHwmon } from "../../energy/hwmon/hwmon-meter.ts";
import { probeModel } from "../../energy/model/utilisation-model-meter.ts";
import { probeRapl } from "../../energy/rapl/rapl-meter.ts";
import type { ReferenceServer } from "../../energy/reference-servers/reference-server.ts";
import type { HostFact } from "../host-fact.ts";
import type { HostRoots } from "../host-roots.ts";
import { readProcessor } from "../processor.ts";

export function energyFacts(roots: HostRoots, servers: readonly ReferenceServer[]): readonly HostFact[] {
  const { sysRoot, procRoot, userId } = roots;
  const clock = { now: () => seconds(0) };
  const rapl = probeRapl(sysRoot, clock);
  const isForbidden =
    rapl.kind === "unavailable" && rapl.reason.includes("permission denied") && userId !== 0;
  return [
    factOf("energy: RAPL", rapl, {
      without: "Energy comes from other sensors or, without any, from a model and is called estimated.",
      ...(isForbidden ? { remedy: "Start the platform as root: sudo frugal up" } : {}),
    }),
    factOf("energy: hwmon sensors", probeHwmon(sysRoot, clock), {
      without: "Energy comes from RAPL or, without it, from a model and is called estimated.",
    }),
    factOf(
      "energy: model",
      probeModel({ procRoot, clock, processor: readProcessor(procRoot, sysRoot), servers }),
      {
        without: "Without sensors too, energy is shown as unavailable.",
      },
    ),
  ];
}

function factOf(name: string, probe: MeterProbe, advice: Pick<HostFact, "without" | "remedy">): HostFact {
  if (probe.kind === "unavailable") return { name, available: false, found: probe.reason, ...advice };
  probe.meter.close();
  return { name, available: true, found: probe.meter.description, without: advice.without };
}
