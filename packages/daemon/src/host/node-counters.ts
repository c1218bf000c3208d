/**
 * What the processors have counted of all processes since somebody asked first: for others who drive this machine.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@frugal/core";
import {
  type CounterAmounts,
  type Counters,
  type CounterSnapshot,
  type HostRoots,
  PerfPort,
  readTopology,
} from "@frugal/machine";

export class NodeCounters {
  readonly #clock: Clock;
  readonly #roots: HostRoots;
  #open: { readonly counters: Counters; readonly first: CounterSnapshot } | undefined;

  constructor(clock: Clock, roots: HostRoots) {
    this.#clock = clock;
    this.#roots = roots;
  }

  /** Counts since the first call. What cannot be counted says why. */
  read(): CounterAmounts {
    this.#open ??= this.#begin();
    const { counters, first } = this.#open;
    return counters.between(first, counters.snapshot());
  }

  close(): void {
    this.#open?.counters.close();
  }

  #begin(): { readonly counters: Counters; readonly first: CounterSnapshot } {
    const { sysRoot } = this.#roots;
    const cpus = readTopology(this.#roots).processors.map(({ cpu }) => cpu);
    // The root group of whichever hierarchy the kernel counts by has all processes.
    const folders = ["perf_event", "unified", ""].map((name) => join(sysRoot, "fs/cgroup", name));
    const folder = folders.find((candidate) => existsSync(candidate)) ?? join(sysRoot, "fs/cgroup");
    const counters = new PerfPort(this.#clock).open({ kind: "cgroup", folder, cpus });
    return { counters, first: counters.snapshot() };
  }
}
