/**
 * Uncore clocks of Intel processors through the register 0x620 (UNCORE_RATIO_LIMIT), for kernels without the driver
 * intel_uncore_frequency: bits 6:0 hold the highest ratio, bits 14:8 the lowest, a ratio being 100 MHz. The other bits are kept.
 *
 * The register is a die's; any of its processors gives access. The limits in force when the clocks are opened are somebody's wish
 * (at first the firmware's): no step lies outside of them.
 * Source: Intel SDM volume 4; kypous, section 5.3; Linux, drivers/platform/x86/intel/uncore-frequency/uncore-frequency.c.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type ClockReading, gigahertz, type Hertz, hertz } from "@frugal/core";
import { groupedBy } from "../host/grouped-by.ts";
import type { HostRoots } from "../host/host-roots.ts";
import { readProcessor } from "../host/processor.ts";
import type { Topology } from "../host/topology.ts";
import { stepsBetween } from "./clock-steps.ts";
import { type ControlAccess, type ControlPoint, registerText } from "./control-point.ts";
import { type ClockSearch, type HardwareClock, unavailable } from "./hardware-clock.ts";

const RATIO_LIMIT = 0x620;
const RATIO_LIMIT_MASK = 0x7f7f;
/** UNCORE_PERF_STATUS: bits 6:0 hold the ratio that is in force. */
const STATUS = 0x621;
const STATUS_MASK = 0x7f;
const RATIO = gigahertz(0.1);

export function findUncoreRegister(
  { sysRoot, procRoot, devRoot }: Pick<HostRoots, "sysRoot" | "procRoot" | "devRoot">,
  topology: Topology,
  access: ControlAccess,
): ClockSearch {
  const processor = readProcessor(procRoot, sysRoot);
  if (processor?.vendor !== "intel") {
    return unavailable("Linux can set the uncore clock of Intel processors only");
  }
  if (processor.virtualised)
    return unavailable("the uncore clock belongs to the host of this virtual machine");
  const clocks: HardwareClock[] = [];
  const dies = groupedBy(topology.processors, ({ socket, die }) => `${socket}/${die}`);
  for (const [id, processors] of [...dies.values()].entries()) {
    const cpu = processors[0]?.cpu ?? 0;
    const path = join(devRoot, `cpu/${cpu}/msr`);
    if (!existsSync(path)) return unavailable(`${path} is not there (driver msr)`);
    const point: ControlPoint = { kind: "register", path, address: RATIO_LIMIT, mask: RATIO_LIMIT_MASK };
    const limits = readLimits(point, access);
    if (typeof limits === "string") return unavailable(limits);
    const domain = {
      id,
      cpus: processors.map((each) => each.cpu),
      socket: processors[0]?.socket ?? 0,
      steps: stepsBetween(limits.lowest, limits.highest),
    };
    clocks.push(uncoreClock(domain, point, access));
  }
  return { kind: "found", driver: "msr", means: "register 0x620", clocks };
}

interface Limits {
  readonly lowest: Hertz;
  readonly highest: Hertz;
}

const clockOf = (ratio: number): Hertz => hertz(ratio * RATIO);

/** The limits in force, or why they cannot be used. */
function readLimits(point: ControlPoint, access: ControlAccess): Limits | string {
  const read = access.read(point);
  if (read.kind === "unreadable") return read.reason;
  const bits = Number(read.text);
  const [lowest, highest] = [bits >> 8, bits & 0x7f];
  if (lowest === 0 || lowest > highest) return `${point.path}: register 0x620 holds no limits (${read.text})`;
  return { lowest: clockOf(lowest), highest: clockOf(highest) };
}

const uncoreClock = (
  domain: HardwareClock["domain"],
  point: ControlPoint,
  access: ControlAccess,
): HardwareClock => ({
  domain,
  points: [point],
  changesFor: (clock) => {
    const ratio = Math.round(clock / RATIO);
    return [{ point, text: registerText((ratio << 8) | ratio) }];
  },
  read: () => readUncoreClock(point, access),
});

function readUncoreClock(point: ControlPoint, access: ControlAccess): ClockReading {
  const status = access.read({ kind: "register", path: point.path, address: STATUS, mask: STATUS_MASK });
  if (status.kind === "text" && Number(status.text) > 0) {
    return { kind: "clock", hertz: clockOf(Number(status.text)) };
  }
  const limits = readLimits(point, access);
  if (typeof limits !== "string" && limits.lowest === limits.highest) {
    return { kind: "clock", hertz: limits.lowest };
  }
  return unavailable(`${point.path}: register 0x621 does not tell the uncore clock`);
}
