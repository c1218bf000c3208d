/**
 * Fair turns among functions with waiting invocations: a long backlog of one does not hold up the others.
 *
 * A lane is a function with something waiting or in flight. Free slots are shared evenly among the lanes that have work
 * due, and the lane served last comes last.
 */
import { type Seconds, seconds } from "@frugal/core";

interface Lane {
  inFlight: number;
  /** When its next invocation is due; Infinity where none waits. */
  due: Seconds;
}

const never = seconds(Infinity);

export class Lanes {
  readonly #lanes = new Map<string, Lane>();
  #inFlight = 0;

  get inFlight(): number {
    return this.#inFlight;
  }

  /** An invocation of `name` is due at `due`. */
  expect(name: string, due: Seconds): void {
    const lane = this.#laneOf(name);
    if (due < lane.due) lane.due = due;
  }

  /** An attempt of `name` ended. */
  release(name: string): void {
    const lane = this.#laneOf(name);
    lane.inFlight--;
    this.#inFlight--;
    this.#removeIfIdle(name, lane);
  }

  /**
   * Fills up to `slots` in flight with what is due at `now`. `claim` takes at most so many of a function and says how many
   * it took and when the next one is due; `limitOf` bounds a function's invocations in flight.
   */
  fill(
    slots: number,
    now: Seconds,
    limitOf: (name: string) => number,
    claim: (name: string, most: number) => { readonly taken: number; readonly due: Seconds | undefined },
  ): void {
    for (;;) {
      const free = slots - this.#inFlight;
      if (free <= 0) return;
      const ready = [...this.#lanes].filter(
        ([name, lane]) => lane.due <= now && lane.inFlight < limitOf(name),
      );
      if (ready.length === 0) return;
      const share = Math.max(1, Math.floor(free / ready.length));
      for (const [name, lane] of ready.slice(0, free)) {
        const { taken, due } = claim(name, Math.min(share, limitOf(name) - lane.inFlight));
        lane.inFlight += taken;
        this.#inFlight += taken;
        lane.due = due ?? never;
        this.#lanes.delete(name);
        this.#lanes.set(name, lane);
        this.#removeIfIdle(name, lane);
      }
    }
  }

  /** When the next waiting invocation is due that nothing but time holds up; undefined where there is none. */
  nextDue(now: Seconds): Seconds | undefined {
    let next = never;
    for (const { due } of this.#lanes.values()) if (due > now && due < next) next = due;
    return next === never ? undefined : next;
  }

  #laneOf(name: string): Lane {
    const known = this.#lanes.get(name);
    if (known !== undefined) return known;
    const lane: Lane = { inFlight: 0, due: never };
    this.#lanes.set(name, lane);
    return lane;
  }

  #removeIfIdle(name: string, lane: Lane): void {
    if (lane.inFlight === 0 && lane.due === never) this.#lanes.delete(name);
  }
}
