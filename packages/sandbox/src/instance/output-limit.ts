/**
 * How much output one invocation may have in the log; the rest is counted and dropped, so that a function that writes
 * without end neither waits nor fills the platform's memory or disk.
 */
const LIMIT = 1_048_576;

export class OutputLimit {
  #left = LIMIT;
  #dropped = 0;

  /** How many of `length` bytes may go to the log. */
  take(length: number): number {
    const taken = Math.min(length, this.#left);
    this.#left -= taken;
    this.#dropped += length - taken;
    return taken;
  }

  /** `count` bytes were dropped elsewhere; untrusted. */
  drop(count: number): void {
    if (count > 0 && count < Number.MAX_SAFE_INTEGER) this.#dropped += Math.floor(count);
  }

  /** One line about what was dropped, once; undefined where nothing was. */
  summary(): string | undefined {
    if (this.#dropped === 0) return undefined;
    const text = `frugal: ${this.#dropped} bytes of output were dropped: one invocation can log ${LIMIT} bytes\n`;
    this.#dropped = 0;
    return text;
  }
}
