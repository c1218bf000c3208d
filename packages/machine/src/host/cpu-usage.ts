/**
 * CPU time of the whole machine and of the platform's own process, as running totals.
 */
import { join } from "node:path";
import { microseconds, type Seconds, seconds } from "@frugal/core";
import { PseudoFile } from "./pseudo-file.ts";

/** The kernel shows CPU time in hundredths of a second on every architecture that Frugal runs on (USER_HZ). */
const TICKS_PER_SECOND = 100;

export type BusyTime =
  | { readonly kind: "busy"; readonly time: Seconds }
  | { readonly kind: "unavailable"; readonly reason: string };

/** Reads `<procRoot>/stat`, about once a second. */
export class CpuUsage {
  readonly #stat: PseudoFile;

  /** `procRoot` is `/proc`. */
  constructor(procRoot: string) {
    this.#stat = new PseudoFile(join(procRoot, "stat"));
  }

  /**
   * CPU time that all processors have spent busy since boot: running processes, the kernel or guests. Not busy are idling and
   * waiting for a disk, nor is time that a hypervisor gave to others (steal).
   */
  machineBusy(): BusyTime {
    const read = this.#stat.read();
    if (read.kind === "unreadable") {
      return { kind: "unavailable", reason: `Cannot read the processors' use: ${read.reason}` };
    }
    const ticks = busyTicks(read.text);
    if (ticks === undefined) {
      return { kind: "unavailable", reason: `${this.#stat.path} does not begin with the processors' use` };
    }
    return { kind: "busy", time: seconds(ticks / TICKS_PER_SECOND) };
  }

  close(): void {
    this.#stat.close();
  }
}

/** CPU time of this process with all its threads, without its children. */
export function platformCpu(): Seconds {
  const { user, system } = process.cpuUsage();
  return microseconds(user + system);
}

/** user, nice, system, irq and softirq of the first line; guest time is in user already (proc_stat(5)). */
function busyTicks(stat: string): number | undefined {
  const match = /^cpu +(\d+) (\d+) (\d+) \d+ \d+ (\d+) (\d+)/.exec(stat);
  if (match === null) return undefined;
  return match.slice(1).reduce((sum, ticks) => sum + Number(ticks), 0);
}
