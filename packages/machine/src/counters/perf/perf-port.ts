/**
 * The counters of this host by perf_event_open(2).
 */
import { closeSync, constants, openSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "@frugal/core";
import type { MonotonicClock } from "../../energy/energy-meter.ts";
import { namesIn } from "../../host/pseudo-file.ts";
import { type CounterEvent, counterEvents } from "../counter-event.ts";
import type { CounterPort, Counters, CounterTarget } from "../counter-port.ts";
import { NoCounters } from "../no-counters.ts";
import { linuxPerfCalls } from "./linux-perf-calls.ts";
import type { PerfAccess, PerfCalls, PerfPlace } from "./perf-calls.ts";
import { PerfCounters } from "./perf-counters.ts";

/** PERF_FLAG_PID_CGROUP: the pid is the descriptor of a cgroup's folder. */
const BY_CGROUP = 4;
const ANY_PROCESSOR = -1;

export class PerfPort implements CounterPort {
  readonly #clock: MonotonicClock;
  readonly #access: () => PerfAccess;
  #found: PerfAccess | undefined;

  /** `access` is asked with the first use. */
  constructor(clock: MonotonicClock, access: () => PerfAccess = linuxPerfCalls) {
    this.#clock = clock;
    this.#access = access;
  }

  open(target: CounterTarget, events: readonly CounterEvent[] = counterEvents): Counters {
    const access = (this.#found ??= this.#access());
    if (access.kind === "unavailable") return new NoCounters(this.#clock, events, access.reason);
    return target.kind === "process"
      ? this.#ofProcess(access.calls, target.pid, events)
      : this.#ofCgroup(access.calls, target.folder, target.cpus, events);
  }

  #ofProcess(calls: PerfCalls, pid: number, events: readonly CounterEvent[]): Counters {
    const threads = namesIn(join("/proc", String(pid), "task")).map(Number);
    if (threads.length === 0) return new NoCounters(this.#clock, events, `there is no process ${pid}`);
    const places = threads.map((thread): PerfPlace => ({
      pid: thread,
      cpu: ANY_PROCESSOR,
      flags: 0,
    }));
    return new PerfCounters({ calls, clock: this.#clock, places, events, release: () => undefined });
  }

  #ofCgroup(
    calls: PerfCalls,
    folder: string,
    cpus: readonly number[],
    events: readonly CounterEvent[],
  ): Counters {
    if (cpus.length === 0) return new NoCounters(this.#clock, events, "no processor is named");
    let group: number;
    try {
      group = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
    } catch (error) {
      return new NoCounters(this.#clock, events, `the cgroup cannot be opened: ${messageOf(error)}`);
    }
    const places = cpus.map((cpu): PerfPlace => ({ pid: group, cpu, flags: BY_CGROUP }));
    return new PerfCounters({ calls, clock: this.#clock, places, events, release: () => closeSync(group) });
  }
}
