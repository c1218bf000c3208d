/**
 * A clock that moves only when told.
 */
import { type Clock, minus, plus, type Seconds, seconds } from "@frugal/core";

interface Alarm {
  readonly time: Seconds;
  readonly action: () => void;
}

export class ManualClock implements Clock {
  readonly #alarms = new Set<Alarm>();
  #now = seconds(1000);
  #wall = seconds(1_790_000_000);

  get alarms(): number {
    return this.#alarms.size;
  }

  now(): Seconds {
    return this.#now;
  }

  wall(): Seconds {
    return this.#wall;
  }

  /** Somebody sets the wall clock, by so many seconds. */
  setWall(change: number): void {
    this.#wall = plus(this.#wall, seconds(change));
  }

  at(time: Seconds, action: () => void): () => void {
    const alarm: Alarm = { time, action };
    this.#alarms.add(alarm);
    return () => {
      this.#alarms.delete(alarm);
    };
  }

  /** Lets time pass and fires what comes due, in order of time, each at its own time. */
  advance(time: number): void {
    const end = plus(this.#now, seconds(time));
    for (let next = this.#earliest(end); next !== undefined; next = this.#earliest(end)) {
      this.#alarms.delete(next);
      this.#moveTo(next.time);
      next.action();
    }
    this.#moveTo(end);
  }

  #earliest(end: Seconds): Alarm | undefined {
    let earliest: Alarm | undefined;
    for (const alarm of this.#alarms) {
      if (alarm.time <= end && (earliest === undefined || alarm.time < earliest.time)) earliest = alarm;
    }
    return earliest;
  }

  #moveTo(time: Seconds): void {
    const step = minus(time, this.#now);
    if (step <= 0) return;
    this.#now = time;
    this.#wall = plus(this.#wall, step);
  }
}

/** Lets everything that is scheduled for the event loop's next turns happen. */
export async function turns(count = 4): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
