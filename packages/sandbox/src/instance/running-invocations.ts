/**
 * The invocations that an instance executes now, in order of their start, which is also the order of their deadlines.
 *
 * A list, because most instances execute one at a time and none more than a thousand; a Map would keep what was deleted
 * alive under load (see core's NumberTable).
 *
 * Invariant (cited by the tests):
 *   V1  every invocation that was added gets exactly one outcome
 */
import type { ErrorReport, Seconds } from "@frugal/core";
import type { InvokeOutcome } from "../sandbox.ts";
import { OutputLimit } from "./output-limit.ts";

export interface RunningInvocation {
  readonly number: number;
  readonly requestId: string;
  readonly deadline: Seconds;
  readonly output: OutputLimit;
  readonly done: (outcome: InvokeOutcome) => void;
  /** Known, but perhaps not told yet: output that precedes it may still be on its way. */
  outcome: InvokeOutcome | undefined;
}

const LARGEST_NUMBER = 0xffff_ffff;

export class RunningInvocations {
  readonly #running: RunningInvocation[] = [];
  /** Those whose outcome is still to be told. */
  #decided: RunningInvocation[] = [];
  #last = 0;

  get count(): number {
    return this.#running.length;
  }

  get(number: number): RunningInvocation | undefined {
    return this.#running.find((invocation) => invocation.number === number);
  }

  /** The invocation with the earliest deadline. */
  get oldest(): RunningInvocation | undefined {
    return this.#running[0];
  }

  /** The invocation that runs alone, if one does. */
  get only(): RunningInvocation | undefined {
    return this.#running.length === 1 ? this.oldest : undefined;
  }

  add(requestId: string, deadline: Seconds, done: RunningInvocation["done"]): RunningInvocation {
    do {
      this.#last = this.#last === LARGEST_NUMBER ? 1 : this.#last + 1;
    } while (this.get(this.#last) !== undefined);
    const number = this.#last;
    const invocation = { number, requestId, deadline, output: new OutputLimit(), done, outcome: undefined };
    this.#running.push(invocation);
    return invocation;
  }

  /** Its outcome is `outcome`, unless it has one; false where it has. */
  decide(invocation: RunningInvocation, outcome: InvokeOutcome): boolean {
    if (invocation.outcome !== undefined) return false;
    invocation.outcome = outcome;
    this.#decided.push(invocation);
    return true;
  }

  /** The outcome of every invocation that has none yet. */
  lose(error: (invocation: RunningInvocation) => ErrorReport): void {
    for (const invocation of this.#running) {
      if (invocation.outcome === undefined)
        this.decide(invocation, { kind: "lost", error: error(invocation) });
    }
  }

  /** Tells every outcome that is known; `before` is called while the invocation still counts as running. */
  deliver(before: (invocation: RunningInvocation) => void): void {
    while (this.#decided.length > 0) {
      const decided = this.#decided;
      this.#decided = [];
      for (const invocation of decided) {
        before(invocation);
        this.#running.splice(this.#running.indexOf(invocation), 1);
        if (invocation.outcome !== undefined) invocation.done(invocation.outcome);
      }
    }
  }
}
