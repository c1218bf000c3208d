/**
 * Counters where nothing can be counted.
 */
import type { MonotonicClock } from "../energy/energy-meter.ts";
import type { CounterEvent } from "./counter-event.ts";
import type { CounterAmount, CounterAmounts, Counters, CounterSnapshot } from "./counter-port.ts";

export class NoCounters implements Counters {
  readonly events: readonly CounterEvent[] = [];
  readonly #clock: MonotonicClock;
  readonly #amounts: CounterAmounts;

  constructor(clock: MonotonicClock, events: readonly CounterEvent[], reason: string) {
    this.#clock = clock;
    this.#amounts = new Map(
      events.map((event): [CounterEvent, CounterAmount] => [event, { kind: "unavailable", reason }]),
    );
  }

  snapshot(): CounterSnapshot {
    return { time: this.#clock.now(), registers: [] };
  }

  between(): CounterAmounts {
    return this.#amounts;
  }

  close(): void {
    // It holds nothing.
  }
}
