/**
 * Counters of one target by perf_event_open(2).
 */
import { constants } from "node:os";
import { minus } from "@frugal/core";
import type { MonotonicClock } from "../../energy/energy-meter.ts";
import { type CounterEvent, eventPlans, groupedEvents } from "../counter-event.ts";
import type { CounterAmounts, Counters, CounterSnapshot } from "../counter-port.ts";
import type { PerfCalls, PerfPlace } from "./perf-calls.ts";
import { FIRST_COUNT, openGroups, type PerfGroup } from "./perf-group.ts";
import { PerfSum } from "./perf-sum.ts";
import { refusalReason } from "./refusal.ts";

export interface PerfCountersParts {
  readonly calls: PerfCalls;
  readonly clock: MonotonicClock;
  /** One at least. */
  readonly places: readonly PerfPlace[];
  readonly events: readonly CounterEvent[];
  /** Called once, at the end. */
  readonly release: () => void;
}

export class PerfCounters implements Counters {
  readonly #clock: MonotonicClock;
  readonly #wanted: readonly CounterEvent[];
  readonly #groups: readonly PerfGroup[];
  readonly #refused = new Map<CounterEvent, number>();
  readonly #isBoundToProcessors: boolean;
  #release: () => void;

  constructor({ calls, clock, places, events, release }: PerfCountersParts) {
    this.#clock = clock;
    this.#wanted = events;
    this.#release = release;
    this.#isBoundToProcessors = places.every(({ cpu }) => cpu >= 0);
    const planned = groupedEvents(events);
    const opened = places.map((place) => openGroups(calls, place, planned));
    // A thread may have ended since it was listed; what it did is not wanted.
    const isGone = ({ groups, refused }: (typeof opened)[number]): boolean =>
      groups.length === 0 && [...refused.values()].every((error) => error === constants.errno.ESRCH);
    const there = opened.some((one) => !isGone(one)) ? opened.filter((one) => !isGone(one)) : opened;
    for (const { refused } of there) {
      for (const [event, error] of refused) this.#refused.set(event, error);
    }
    this.#groups = there.flatMap(({ groups }) => groups);
  }

  get events(): readonly CounterEvent[] {
    return this.#wanted.filter((event) => !this.#refused.has(event));
  }

  snapshot(): CounterSnapshot {
    return { time: this.#clock.now(), registers: this.#groups.map((group) => group.read()) };
  }

  between(before: CounterSnapshot, after: CounterSnapshot): CounterAmounts {
    const passed = minus(after.time, before.time);
    if (passed < 0) throw new RangeError("The snapshots of counters are in the wrong order");
    const longest = this.#isBoundToProcessors ? passed : undefined;
    const sums = new Map(this.#wanted.map((event) => [event, sumOf(event)]));
    for (const [event, error] of this.#refused) sums.get(event)?.fail(refusalReason(error));
    for (const [number, group] of this.#groups.entries()) {
      const from = before.registers[number];
      const to = after.registers[number];
      for (const [index, event] of group.events.entries()) {
        const sum = sums.get(event);
        if (from === undefined || to === undefined) sum?.fail("the kernel gave no count");
        else sum?.add(from, to, FIRST_COUNT + index, longest);
      }
    }
    return new Map([...sums].map(([event, { amount }]) => [event, amount]));
  }

  close(): void {
    for (const group of this.#groups) group.close();
    this.#release();
    this.#release = () => undefined;
  }
}

const sumOf = (event: CounterEvent): PerfSum => {
  const { isHardware, unit } = eventPlans[event];
  return new PerfSum(isHardware, unit);
};
