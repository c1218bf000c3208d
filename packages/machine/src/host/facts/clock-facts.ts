/**
 * What the pace of work can be set and observed with: core clocks, uncore clock, hardware counters.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { HostFact } from "../host-fact.ts";
import type { HostRoots } from "../host-roots.ts";
import { readProcessor } from "../processor.ts";
import { namesIn, pseudoTextOf } from "../pseudo-file.ts";

export const clockFacts = (roots: HostRoots): readonly HostFact[] => [
  coreClocksFact(roots),
  uncoreClockFact(roots),
  countersFact(roots),
];

function coreClocksFact({ sysRoot }: HostRoots): HostFact {
  const policy = join(sysRoot, "devices/system/cpu/cpu0/cpufreq");
  const driver = pseudoTextOf(join(policy, "scaling_driver"));
  const governor = pseudoTextOf(join(policy, "scaling_governor"));
  const governors = (pseudoTextOf(join(policy, "scaling_available_governors")) ?? "").split(/\s+/);
  const choice = governors.includes("userspace") ? "each clock can be set" : "only limits can be set";
  return {
    name: "core clocks",
    available: driver !== undefined,
    found:
      driver === undefined
        ? `no cpufreq driver (${policy} is not there)`
        : `driver ${driver}, governor ${governor ?? "unknown"}, ${choice}`,
    without: "The clocks stay as the host sets them; no energy is saved by pacing.",
    ...(driver === undefined
      ? { remedy: "Run on the hardware itself: virtual machines seldom show cpufreq" }
      : {}),
  };
}

function uncoreClockFact({ sysRoot, procRoot, devRoot }: HostRoots): HostFact {
  const domains = namesIn(join(sysRoot, "devices/system/cpu/intel_uncore_frequency"));
  const processor = readProcessor(procRoot, sysRoot);
  const hasRegister =
    processor?.vendor === "intel" && !processor.virtualised && existsSync(join(devRoot, "cpu/0/msr"));
  const base = {
    name: "uncore clock",
    without: "The clock of caches and memory controller stays as the hardware sets it.",
  };
  if (domains.length > 0) {
    return { ...base, available: true, found: `intel_uncore_frequency: ${domains.join(", ")}` };
  }
  if (hasRegister) return { ...base, available: true, found: "register 0x620 through /dev/cpu/*/msr" };
  const found = "neither intel_uncore_frequency nor the register 0x620 can be used";
  const isBareIntel = processor?.vendor === "intel" && !processor.virtualised;
  return {
    ...base,
    available: false,
    found,
    ...(isBareIntel ? { remedy: "Load the driver: modprobe intel_uncore_frequency, or modprobe msr" } : {}),
  };
}

function countersFact({ sysRoot, procRoot, userId }: HostRoots): HostFact {
  const units = namesIn(join(sysRoot, "bus/event_source/devices")).filter((name) =>
    /^(?:cpu|armv\d|cpu_)/.test(name),
  );
  const paranoid = pseudoTextOf(join(procRoot, "sys/kernel/perf_event_paranoid"));
  const isAllowed = paranoid !== undefined && (userId === 0 || Number(paranoid) <= 1);
  const found =
    units.length === 0
      ? "the kernel shows no processor counters"
      : `${units.join(", ")}; perf_event_paranoid is ${paranoid ?? "not there"}`;
  const isMerelyForbidden = units.length > 0 && !isAllowed;
  return {
    name: "hardware counters",
    available: units.length > 0 && isAllowed,
    found,
    without: "Instructions and cache misses of functions are not counted.",
    ...(isMerelyForbidden ? { remedy: "Allow it: sysctl kernel.perf_event_paranoid=1, or run as root" } : {}),
  };
}
