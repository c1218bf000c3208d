/**
 * What the pace of work can be set and observed with: core clocks, uncore clock, hardware counters.
 */
import { join } from "node:path";
import { rangeText } from "../../clocks/clock-steps.ts";
import { kernelAccess } from "../../clocks/control-point.ts";
import { type ClocksFound, findClocks } from "../../clocks/find-clocks.ts";
import { type ClockSearch, settable } from "../../clocks/hardware-clock.ts";
import { eventPlans } from "../../counters/counter-event.ts";
import type { HostFact } from "../host-fact.ts";
import type { HostRoots } from "../host-roots.ts";
import { readProcessor } from "../processor.ts";
import { namesIn, pseudoTextOf } from "../pseudo-file.ts";
import { readTopology } from "../topology.ts";

export function clockFacts(roots: HostRoots): readonly HostFact[] {
  const found = findClocks(roots, readTopology(roots), kernelAccess);
  return [coreClocksFact(roots, found), uncoreClockFact(roots, found), countersFact(roots)];
}

function coreClocksFact(roots: HostRoots, { core }: ClocksFound): HostFact {
  const policy = join(roots.sysRoot, "devices/system/cpu/cpufreq");
  const governor = namesIn(policy).map((name) => pseudoTextOf(join(policy, name, "scaling_governor")))[0];
  const found = foundText(
    core,
    `driver ${core.kind === "found" ? core.driver : ""}, governor ${governor ?? "unknown"}`,
  );
  return {
    name: "core clocks",
    without: "The clocks stay as the host sets them; no energy is saved by pacing.",
    ...found,
    ...(found.available ? {} : { remedy: coreRemedy(core, roots) }),
  };
}

function coreRemedy(core: ClockSearch, { userId }: HostRoots): string {
  if (core.kind === "unavailable") return "Run on the hardware itself: virtual machines seldom show cpufreq";
  return userId === 0 ? "Mount /sys writable" : "Start the platform as root: sudo frugal up";
}

function uncoreClockFact(roots: HostRoots, { uncore }: ClocksFound): HostFact {
  const processor = readProcessor(roots.procRoot, roots.sysRoot);
  const isBareIntel = processor?.vendor === "intel" && !processor.virtualised;
  const found = foundText(uncore, uncore.kind === "found" ? `driver ${uncore.driver}` : "");
  const base = {
    name: "uncore clock",
    without: "The clock of caches and memory controller stays as the hardware sets it.",
    ...found,
  };
  if (found.available || !isBareIntel) return base;
  if (uncore.kind === "found" && roots.userId !== 0)
    return { ...base, remedy: "Start the platform as root: sudo frugal up" };
  return { ...base, remedy: "Load the driver: modprobe intel_uncore_frequency, or modprobe msr" };
}

/** What was found, and whether this process may set it. */
function foundText(search: ClockSearch, driver: string): Pick<HostFact, "available" | "found"> {
  if (search.kind === "unavailable") return { available: false, found: search.reason };
  const allowed = settable(kernelAccess, search);
  if (allowed.kind === "unavailable") return { available: false, found: allowed.reason };
  const steps = search.clocks[0]?.domain.steps ?? [];
  const count = search.clocks.length === 1 ? "1 clock" : `${search.clocks.length} clocks`;
  return {
    available: true,
    found: `${driver}: ${count}, ${rangeText(steps)} in ${steps.length} steps, set through ${search.means}`,
  };
}

function countersFact({ sysRoot, procRoot, userId, countableEvents }: HostRoots): HostFact {
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
  const events = countableEvents?.();
  const isCounted = events?.some((event) => eventPlans[event].isHardware) ?? isAllowed;
  return {
    name: "hardware counters",
    available: units.length > 0 && isCounted,
    found: events === undefined ? found : `${found}; can be counted: ${events.join(", ") || "nothing"}`,
    without: "Instructions and cache misses of functions are not counted.",
    ...(isMerelyForbidden ? { remedy: "Allow it: sysctl kernel.perf_event_paranoid=1, or run as root" } : {}),
  };
}
