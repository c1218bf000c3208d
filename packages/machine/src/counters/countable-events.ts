/**
 * What can be counted here, found out by trying: what sysfs lists, a hypervisor or a filter may still refuse.
 */
import { seconds } from "@frugal/core";
import type { CounterEvent } from "./counter-event.ts";
import { PerfPort } from "./perf/perf-port.ts";

/** The events of this process that the kernel lets us count. */
export function countableEvents(): readonly CounterEvent[] {
  // Nothing is read, so no time passes.
  const counters = new PerfPort({ now: () => seconds(0) }).open({ kind: "process", pid: process.pid });
  counters.close();
  return counters.events;
}
