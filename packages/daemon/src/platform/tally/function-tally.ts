/**
 * One function's running sums since the platform started.
 */
import { plus, type Seconds, seconds } from "@frugal/core";
import type { InvocationResult } from "../platform.ts";

export class FunctionTally {
  invocations = 0;
  errors = 0;
  refused = 0;
  coldStarts = 0;
  /** Of its unfinished invocations; see PayloadBudget. */
  payloadBytes = 0;
  /** CPU time of all its instances, starts included. */
  cpu: Seconds = seconds(0);
  /** The part of `cpu` that the energy ledger has not been told of yet. */
  #unreported: Seconds = seconds(0);

  count(result: InvocationResult): void {
    if (result.kind === "refused") {
      this.refused++;
      return;
    }
    this.invocations++;
    if (result.outcome.kind !== "success") this.errors++;
    if (result.start === "cold") this.coldStarts++;
  }

  addCpu(time: Seconds): void {
    this.cpu = plus(this.cpu, time);
    this.#unreported = plus(this.#unreported, time);
  }

  takeUnreportedCpu(): Seconds {
    const time = this.#unreported;
    this.#unreported = seconds(0);
    return time;
  }
}
