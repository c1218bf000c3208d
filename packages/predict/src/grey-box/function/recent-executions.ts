/**
 * A function's last executions, a bounded number: what its correction, its typical payload and its deviation come from.
 *
 * Executions at one setting of the clocks take at most half of the places, so that what other clocks did is still known when the
 * controller has settled on one.
 */
import { quantileOfSorted } from "@frugal/core";
import type { ClockShares } from "../clock-bases.ts";

const PLACES = 32;

/** One execution: what of it is compared with the prediction. */
export interface RecentExecution extends ClockShares {
  readonly payload: number;
  /** Seconds. */
  readonly latency: number;
  /** Watts above the machine's static power; NaN where nobody measured it. */
  readonly power: number;
}

export class RecentExecutions {
  /** Oldest first. */
  readonly #executions: RecentExecution[] = [];

  get all(): readonly RecentExecution[] {
    return this.#executions;
  }

  add(execution: RecentExecution): void {
    if (this.#executions.length >= PLACES) this.#executions.splice(this.#outgoing(execution), 1);
    this.#executions.push(execution);
  }

  /** NaN while there is none. */
  get medianPayload(): number {
    const payloads = Float64Array.from(this.#executions, ({ payload }) => payload).sort();
    return quantileOfSorted(payloads, 0.5) ?? NaN;
  }

  /** Whose place a further execution takes. */
  #outgoing({ core, uncore }: ClockShares): number {
    const isAlike = (other: ClockShares): boolean => other.core === core && other.uncore === uncore;
    const alike = this.#executions.reduce((count, each) => (isAlike(each) ? count + 1 : count), 0);
    return alike >= PLACES / 2 ? this.#executions.findIndex(isAlike) : 0;
  }
}
