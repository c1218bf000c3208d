/**
 * Bounds the memory that payloads of unfinished invocations take: ten thousand waiting ones of 6 MB each would be 60 GB.
 *
 * No function may have more in memory than all of them leave free, so that a flood of one leaves room for the others.
 */
import type { Bytes } from "@frugal/core";

/** Whoever payloads belong to. */
interface Holder {
  /** Bytes of its payloads in memory. */
  payloadBytes: number;
}

export class PayloadBudget {
  readonly #limit: Bytes;
  #used = 0;

  constructor(limit: Bytes) {
    this.#limit = limit;
  }

  /** Reserves room for a payload of `size` bytes; false where there is none. */
  take(holder: Holder, size: number): boolean {
    if (holder.payloadBytes + size > this.#limit - this.#used) return false;
    holder.payloadBytes += size;
    this.#used += size;
    return true;
  }

  giveBack(holder: Holder, size: number): void {
    holder.payloadBytes -= size;
    this.#used -= size;
  }
}
