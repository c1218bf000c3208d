/**
 * Control groups as a port: limits of memory, processor time, processors and processes for one unit, and what it used. Two adapters,
 * `V1Cgroups` and `V2Cgroups`.
 */
import { type Bytes, type Cores, FrugalError, type Seconds } from "@frugal/core";

export interface CgroupLimits {
  readonly memory: Bytes;
  readonly cores: Cores;
  readonly processes: number;
  /** Logical processors that it may run on; undefined: all of the host's. */
  readonly cpus?: readonly number[] | undefined;
}

export interface Cgroup {
  /** The folders that a process joins: by being born in the one of v2, by moving into those of v1. */
  readonly membership: { readonly kind: "v1" | "v2"; readonly folders: readonly string[] };
  /** Its folder as perf_event_open(2) takes it; undefined where the kernel cannot count events by group. */
  readonly perfFolder: string | undefined;
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
  /** Whether groups can be bound to processors. */
  readonly canPin: boolean;
  create(id: string, limits: CgroupLimits): Cgroup;
  /** Removes what is shared by its groups, which must be gone. */
  close(): Promise<void>;
}

/** A new group with its first limits; it is removed again where it does not take them. */
export function limited(cgroup: Cgroup, limits: CgroupLimits): Cgroup {
  try {
    cgroup.limit(limits);
    return cgroup;
  } catch (error) {
    // Nothing has joined it. Should it stay nevertheless, its parent's removal says so.
    cgroup.remove().catch(() => undefined);
    throw error;
  }
}

/** Period over which the processor limit holds. */
export const QUOTA_PERIOD_MICROSECONDS = 100_000;

/** The kernel refuses quotas under 1 ms. */
export const quotaMicroseconds = (cores: Cores): number =>
  Math.max(1000, Math.round(cores * QUOTA_PERIOD_MICROSECONDS));

/** Processors as the kernel reads them. No processor at all would mean every one to version 2, so it is refused. */
export function cpuList(cpus: readonly number[]): string {
  if (cpus.length === 0 || cpus.some((cpu) => !Number.isInteger(cpu) || cpu < 0)) {
    throw new FrugalError(
      "internal",
      `A unit cannot run on the processors [${cpus.join(", ")}]: name one at least, by its number`,
    );
  }
  return cpus.join(",");
}

/** The processors of a list that the kernel wrote, like `0,2-3`. */
export const cpusOf = (list: string): readonly number[] =>
  list
    .trim()
    .split(",")
    .filter((range) => range !== "")
    .flatMap((range) => {
      const [first = 0, last = first] = range.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
