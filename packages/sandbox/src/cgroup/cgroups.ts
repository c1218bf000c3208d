/**
 * Control groups as a port: limits of memory, processors and processes for one unit, and what it used. Two adapters,
 * `V1Cgroups` and `V2Cgroups`.
 */
import type { Bytes, Cores, Seconds } from "@frugal/core";

export interface CgroupLimits {
  readonly memory: Bytes;
  readonly cores: Cores;
  readonly processes: number;
}

export interface Cgroup {
  /** The folders that a process joins: by being born in the one of v2, by moving into those of v1. */
  readonly membership: { readonly kind: "v1" | "v2"; readonly folders: readonly string[] };
  /** Replaces its limits. */
  limit(limits: CgroupLimits): void;
  /** CPU time of all its processes so far, or undefined where it is not counted. One read of an open file. */
  cpuTime(): Seconds | undefined;
  /** How many of its processes the kernel killed because its memory was full. */
  outOfMemoryKills(): number;
  /** Lifts the processor limit, so that killed processes need not wait for their share to end. */
  expedite(): void;
  /** Removes it; waits, without blocking, until its processes are gone. `cpuTime` keeps its last value. */
  remove(): Promise<void>;
}

export interface Cgroups {
  /** What this host does not enforce, one sentence each. */
  readonly limitations: readonly string[];
  create(id: string, limits: CgroupLimits): Cgroup;
  /** Removes what is shared by its groups, which must be gone. */
  close(): Promise<void>;
}

/** Period over which the processor limit holds. */
export const QUOTA_PERIOD_MICROSECONDS = 100_000;

/** The kernel refuses quotas under 1 ms. */
export const quotaMicroseconds = (cores: Cores): number =>
  Math.max(1000, Math.round(cores * QUOTA_PERIOD_MICROSECONDS));
