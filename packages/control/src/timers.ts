/**
 * The control plane's own agenda: a binary heap of due times behind the shell's single timer.
 *
 * Entries are never removed or moved: whoever set one checks when it comes due whether it still means anything, and sets
 * another if it came early. So a busy instance costs no timer traffic, however often its idle deadline moves.
 * Equal times come in the order in which they were set (I7).
 */
import { type Seconds, seconds } from "@frugal/core";

interface Entry<Task> {
  readonly at: Seconds;
  readonly sequence: number;
  readonly task: Task;
}

export class Timers<Task> {
  readonly #heap: Entry<Task>[] = [];
  #sequence = 0;

  /** Time of the earliest entry; Infinity while there is none. */
  get earliest(): Seconds {
    return this.#heap[0]?.at ?? seconds(Infinity);
  }

  set(at: Seconds, task: Task): void {
    this.#heap.push({ at, sequence: this.#sequence++, task });
    this.#rise(this.#heap.length - 1);
  }

  /** Takes the earliest entry that is due at `now`, or undefined. */
  takeDue(now: Seconds): Task | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.at > now) return undefined;
    const last = this.#heap.pop();
    if (last !== undefined && last !== first) {
      this.#heap[0] = last;
      this.#sink(0);
    }
    return first.task;
  }

  #rise(start: number): void {
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfEarlier(index, parent)) return;
      index = parent;
    }
  }

  #sink(start: number): void {
    let index = start;
    for (;;) {
      const left = 2 * index + 1;
      const child = this.#isEarlier(left + 1, left) ? left + 1 : left;
      if (!this.#swapIfEarlier(child, index)) return;
      index = child;
    }
  }

  #isEarlier(a: number, b: number): boolean {
    const first = this.#heap[a];
    const second = this.#heap[b];
    if (first === undefined || second === undefined) return false;
    return first.at < second.at || (first.at === second.at && first.sequence < second.sequence);
  }

  #swapIfEarlier(lower: number, upper: number): boolean {
    if (!this.#isEarlier(lower, upper)) return false;
    const moved = this.#heap[lower];
    const other = this.#heap[upper];
    if (moved === undefined || other === undefined) return false;
    this.#heap[upper] = moved;
    this.#heap[lower] = other;
    return true;
  }
}
