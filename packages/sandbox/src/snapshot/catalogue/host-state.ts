/**
 * What of this host a snapshot depends on, beside the programs: its processor, its kernel, and the time since it started.
 */
import { readFileSync } from "node:fs";
import { release } from "node:os";
import type { Seconds } from "@frugal/core";
import { monotonicNow } from "../../host/monotonic-clock.ts";

/** Which start of the host it is, and how long ago that was. */
export interface BootTime {
  readonly bootId: string;
  /** CLOCK_MONOTONIC, which restored processes go on with. */
  readonly monotonic: Seconds;
}

export const hostBootTime = (): BootTime => ({
  bootId: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
  monotonic: monotonicNow(),
});

export const hostKernel = (): string => release();

export const hostCpuFeatures = (): readonly string[] => cpuFeaturesOf(readFileSync("/proc/cpuinfo", "utf8"));

/**
 * Those that every processor of `cpuinfo` has, sorted: x86 calls them flags, Arm features.
 * @internal The tests have other processors.
 */
export function cpuFeaturesOf(cpuinfo: string): readonly string[] {
  const lists = [...cpuinfo.matchAll(/^(?:flags|Features)[\t ]*:(.*)$/gm)].map(([, list = ""]) =>
    list.split(" ").filter((feature) => feature !== ""),
  );
  const [first = [], ...others] = lists.map((list) => new Set(list));
  return [...first].filter((feature) => others.every((other) => other.has(feature))).sort();
}
