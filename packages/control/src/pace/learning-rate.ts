/**
 * Which executions a model learns from: all of the first ones, then at most one in a while. Learning costs tens of microseconds,
 * and the thousandth execution within a second says nothing that the first dozen did not.
 */
import { type FunctionName, functionOf, plus, type Seconds, seconds, type StageKey } from "@frugal/core";

/** Executions of a function that are learnt from whenever they come. */
const FIRST = 64;
/** Afterwards, one in this time. */
const INTERVAL = seconds(0.05);

interface Learnt {
  executions: number;
  next: Seconds;
}

export class LearningRate {
  readonly #learnt = new Map<StageKey, Learnt>();

  /** Whether the execution of `key` that ended now is to be learnt from; if so, it counts. */
  isDue(key: StageKey, now: Seconds): boolean {
    const learnt = this.#learnt.get(key);
    if (learnt === undefined) {
      this.#learnt.set(key, { executions: 1, next: now });
      return true;
    }
    if (learnt.executions >= FIRST && now < learnt.next) return false;
    learnt.executions++;
    learnt.next = plus(now, INTERVAL);
    return true;
  }

  /** Of all variants. */
  forget(fn: FunctionName): void {
    for (const key of this.#learnt.keys()) if (functionOf(key) === fn) this.#learnt.delete(key);
  }
}
