/**
 * Which variants of each function are kept apart, and how much each counts among the last executions.
 *
 * Invariants (cited by the tests):
 *   V1  a function has at most 32 variants beside what goes by its name alone; further ones do so too
 *   V2  what is kept is not changed by asking
 */
import { type FunctionName, functionOf, type StageKey } from "@frugal/core";

const MOST_VARIANTS = 32;
/** Executions after which one has faded to 1/e. */
const KEPT = 1 - 1 / 128;

export class Variants {
  readonly #weights = new Map<FunctionName, Map<StageKey, number>>();

  /** The key that an execution's knowledge is under. */
  keyFor(key: StageKey): StageKey {
    const fn = functionOf(key);
    const weights = this.#weights.get(fn);
    if (key === fn || weights === undefined || weights.has(key)) return key;
    return weights.size - (weights.has(fn) ? 1 : 0) < MOST_VARIANTS ? key : fn;
  }

  /** One execution more. `key` is as `keyFor` gave it out. */
  count(key: StageKey): void {
    const fn = functionOf(key);
    const weights = this.#weights.get(fn) ?? new Map<StageKey, number>();
    this.#weights.set(fn, weights);
    for (const [each, weight] of weights) weights.set(each, weight * KEPT);
    weights.set(key, (weights.get(key) ?? 0) + 1);
  }

  /** Of the function's last executions, as far as they have not faded. */
  weightOf(key: StageKey): number {
    return this.#weights.get(functionOf(key))?.get(key) ?? 0;
  }

  restore(key: StageKey, weight: number): void {
    const fn = functionOf(key);
    const weights = this.#weights.get(fn) ?? new Map<StageKey, number>();
    this.#weights.set(fn, weights.set(key, weight));
  }

  /** In order of appearance. */
  of(fn: FunctionName): readonly StageKey[] {
    return [...(this.#weights.get(fn)?.keys() ?? [])];
  }

  /** The one that counts most; undefined where the function was never seen. */
  mostFrequent(fn: FunctionName): StageKey | undefined {
    let most: StageKey | undefined;
    let largest = -1;
    for (const [key, weight] of this.#weights.get(fn) ?? []) {
      if (weight <= largest) continue;
      most = key;
      largest = weight;
    }
    return most;
  }

  forget(fn: FunctionName): void {
    this.#weights.delete(fn);
  }
}
