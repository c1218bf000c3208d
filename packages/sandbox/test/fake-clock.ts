import { type Clock, plus, type Seconds, seconds } from "@frugal/core";

/** Time that passes only when it is told to. */
export class FakeClock implements Clock {
  #now = seconds(0);
  #timers: { readonly time: Seconds; readonly action: () => void }[] = [];

  get timers(): number {
    return this.#timers.length;
  }

  now(): Seconds {
    return this.#now;
  }

  wall(): Seconds {
    return this.#now;
  }

  at(time: Seconds, action: () => void): () => void {
    const timer = { time, action };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  advance(by: Seconds): void {
    const end = plus(this.#now, by);
    for (;;) {
      const [next] = this.#timers.filter(({ time }) => time <= end).sort((a, b) => a.time - b.time);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      if (next.time > this.#now) this.#now = next.time;
      next.action();
    }
    this.#now = end;
  }
}
