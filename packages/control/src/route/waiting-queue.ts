/**
 * Invocations of one function that wait for an instance, in order of arrival.
 */
import type { InvocationNumber, PayloadSize, Seconds, StageCall, StartWish } from "@frugal/core";

export interface WaitingInvocation {
  readonly invocation: InvocationNumber;
  readonly arrived: Seconds;
  /** It fails when it still waits at this time. */
  readonly giveUp: Seconds;
  /** The start that it insists on, of an instance of its own. */
  readonly wish: StartWish | undefined;
  readonly payload: PayloadSize;
  /** Of the work; undefined where there is none. */
  readonly variant: string | undefined;
  /** Its place in a workflow's run; undefined where it belongs to none. */
  readonly stage: StageCall | undefined;
}

/** Below this many taken entries, compacting costs more than it frees. */
const COMPACT_FROM = 64;

export class WaitingQueue {
  #entries: WaitingInvocation[] = [];
  #head = 0;

  get length(): number {
    return this.#entries.length - this.#head;
  }

  get first(): WaitingInvocation | undefined {
    return this.#entries[this.#head];
  }

  push(entry: WaitingInvocation): void {
    this.#entries.push(entry);
  }

  shift(): WaitingInvocation | undefined {
    const entry = this.#entries[this.#head];
    if (entry === undefined) return undefined;
    this.#head++;
    if (this.#head >= COMPACT_FROM && this.#head * 2 >= this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    return entry;
  }

  /** Removes an invocation wherever it stands; false where it does not wait here. */
  withdraw(invocation: InvocationNumber): boolean {
    for (let i = this.#head; i < this.#entries.length; i++) {
      if (this.#entries[i]?.invocation === invocation) {
        this.#entries.splice(i, 1);
        return true;
      }
    }
    return false;
  }
}
