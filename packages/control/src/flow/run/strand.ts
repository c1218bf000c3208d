/**
 * A routine that runs: resumed when what it waits for is over, until it ends, faults or is cancelled.
 */
import { messageOf } from "@frugal/core";
import type { Routine, Wait } from "./wait.ts";

/** Lets strands go on in the order in which they became ready. */
export interface Scheduler {
  schedule(strand: Strand): void;
}

export class Strand {
  readonly #routine: Routine<void>;
  readonly #scheduler: Scheduler;
  readonly #fail: (error: Error) => void;
  #wait: Wait | undefined;
  #isOver = false;
  #isRunning = false;

  /** `fail` is told what the routine throws. */
  constructor(routine: Routine<void>, scheduler: Scheduler, fail: (error: Error) => void) {
    this.#routine = routine;
    this.#scheduler = scheduler;
    this.#fail = fail;
    scheduler.schedule(this);
  }

  /** Goes on until the next wait. */
  step(): void {
    if (this.#isOver) return;
    this.#wait = undefined;
    this.#isRunning = true;
    try {
      const next = this.#routine.next();
      if (next.done === true) this.#isOver = true;
      else {
        this.#wait = next.value;
        next.value.begin(() => this.#scheduler.schedule(this));
      }
    } catch (thrown) {
      this.#isOver = true;
      this.#fail(thrown instanceof Error ? thrown : new Error(messageOf(thrown)));
    } finally {
      this.#isRunning = false;
    }
  }

  /**
   * Ends it where it waits; what it waits for is abandoned first, so the innermost ends first. One that cancels itself, by the
   * last thing it does, ends by itself.
   */
  cancel(): void {
    if (this.#isOver || this.#isRunning) return;
    this.#isOver = true;
    this.#wait?.abandon();
    this.#routine.return();
  }
}
