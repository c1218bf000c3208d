/**
 * The table from payloads to counters, by function and hyperparameters: kypous keeps functions with other hyperparameters as
 * other functions.
 */
import type { PayloadSize, StageKey } from "@frugal/core";
import { type CurveEntry, PayloadCurve } from "./payload-curve.ts";

export class CounterTable {
  readonly #width: number;
  readonly #curves = new Map<StageKey, PayloadCurve>();

  /** `width` is the number of counters. */
  constructor(width: number) {
    this.#width = width;
  }

  /** One execution; NaN counters were not read. */
  observe(key: StageKey, payload: PayloadSize, counters: Float64Array): void {
    this.#curveOf(key).observe(payload, counters);
  }

  /** Fills `out` with the counters of a payload; false where the key was never seen. */
  interpolate(key: StageKey, payload: PayloadSize, out: Float64Array): boolean {
    return this.#curves.get(key)?.interpolate(payload, out) ?? false;
  }

  forget(key: StageKey): void {
    this.#curves.delete(key);
  }

  /** What is known of a key, ascending by payload; as data. */
  entriesOf(key: StageKey): readonly CurveEntry[] {
    return this.#curves.get(key)?.entries ?? [];
  }

  /** Takes what `entriesOf` gave out, in place of what is known of the key. */
  restore(key: StageKey, entries: readonly CurveEntry[]): void {
    this.#curves.delete(key);
    for (const entry of entries) this.#curveOf(key).restore(entry);
  }

  #curveOf(key: StageKey): PayloadCurve {
    let curve = this.#curves.get(key);
    if (curve === undefined) {
      curve = new PayloadCurve(this.#width);
      this.#curves.set(key, curve);
    }
    return curve;
  }
}
