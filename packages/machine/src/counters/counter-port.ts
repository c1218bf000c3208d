/**
 * Counters as a port: how often something happened while the processes of a target ran.
 *
 * Every adapter holds:
 *   C1  an amount is never made up: what was not counted is `unavailable` with a reason, event by event
 *   C2  an amount covers exactly the time between two snapshots, also across a counter's wrap
 *   C3  where the processor counted for a part of the time only, the amount is scaled up and `share` tells the part
 */
import type { Ratio, Seconds } from "@frugal/core";
import type { CounterEvent } from "./counter-event.ts";

export type CounterTarget =
  /**
   * All processes of a cgroup, by its folder, while they run on `cpus`: of version 2, or of the `perf_event` hierarchy of
   * version 1. Each processor costs a descriptor for each event.
   */
  | { readonly kind: "cgroup"; readonly folder: string; readonly cpus: readonly number[] }
  /** A process with the threads that it has, and with those and the child processes that these start from now on. */
  | { readonly kind: "process"; readonly pid: number };

export type CounterAmount =
  | {
      readonly kind: "counted";
      /** Seconds for `taskClock`, else how often it happened. */
      readonly amount: number;
      /** Part of the time in which it was really counted; below 1 the amount is scaled up from that. */
      readonly share: Ratio;
    }
  | { readonly kind: "unavailable"; readonly reason: string };

/** What was asked for. */
export type CounterAmounts = ReadonlyMap<CounterEvent, CounterAmount>;

/** The counters at one moment; they mean something only to the `Counters` that they are of. */
export interface CounterSnapshot {
  readonly time: Seconds;
  /** Each group's registers, in the order in which they were opened; undefined where one could not be read. */
  readonly registers: readonly (BigUint64Array | undefined)[];
}

/** Counters of one target, counting since they were opened. */
export interface Counters {
  /** The events that are counted. */
  readonly events: readonly CounterEvent[];
  /** Cheap: one system call for each group of events and each processor or thread. */
  snapshot(): CounterSnapshot;
  /** What happened between two snapshots; a RangeError where `after` is the earlier one. */
  between(before: CounterSnapshot, after: CounterSnapshot): CounterAmounts;
  /** Idempotent. */
  close(): void;
}

export interface CounterPort {
  /** `events` default to all. Never throws: what cannot be counted says so in every amount. */
  open(target: CounterTarget, events?: readonly CounterEvent[]): Counters;
}
