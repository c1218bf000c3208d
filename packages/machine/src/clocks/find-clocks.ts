/**
 * What clocks this host has, by kind: those that Frugal can set, or why not. Reads only.
 */
import type { HostRoots } from "../host/host-roots.ts";
import type { Topology } from "../host/topology.ts";
import type { ControlAccess } from "./control-point.ts";
import { findCoreClocks } from "./cpufreq.ts";
import { type ClockSearch, unavailable } from "./hardware-clock.ts";
import { findUncoreRegister } from "./uncore-msr.ts";
import { findUncoreInSysfs } from "./uncore-sysfs.ts";

export type ClockRoots = Pick<HostRoots, "sysRoot" | "procRoot" | "devRoot">;

export interface ClocksFound {
  readonly core: ClockSearch;
  readonly uncore: ClockSearch;
}

export const findClocks = (roots: ClockRoots, topology: Topology, access: ControlAccess): ClocksFound => ({
  core: findCoreClocks(roots.sysRoot, topology, access),
  uncore: findUncoreClocks(roots, topology, access),
});

/** The driver is preferred: kernels frown on writing registers, and some forbid it. */
function findUncoreClocks(roots: ClockRoots, topology: Topology, access: ControlAccess): ClockSearch {
  const driver = findUncoreInSysfs(roots.sysRoot, topology, access);
  if (driver.kind === "found") return driver;
  const register = findUncoreRegister(roots, topology, access);
  if (register.kind === "found") return register;
  return unavailable(
    `${driver.reason}, and ${register.reason}, so the uncore clock stays as the hardware sets it`,
  );
}
