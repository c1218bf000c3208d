/**
 * What a listening task listens to: one event, any of several, or all of them (one each).
 */
import { isList, isObject, type JsonObject, member } from "../../data/json-value.ts";
import type { Json } from "../../json.ts";
import type { CloudEvent } from "../../step.ts";
import type { Execution } from "../../perform/execution.ts";
import { correlationsOf, fitsFilter } from "./event-filter.ts";

/** An event that is taken, by which filter, and its correlation values. */
export interface Taking {
  readonly filter: number;
  readonly correlations: JsonObject;
}

export class EventStrategy {
  readonly #execution: Execution;
  readonly #filters: readonly Json[];
  readonly #needsAll: boolean;
  readonly #met = new Set<number>();
  readonly #correlations = new Map<string, Json>();

  constructor(execution: Execution, declared: Json) {
    this.#execution = execution;
    const all = member(declared, "all");
    const any = member(declared, "any");
    const one = member(declared, "one");
    this.#needsAll = isList(all);
    // No filter at all means: whatever comes.
    this.#filters = isList(all) ? all : isList(any) && any.length > 0 ? any : isObject(one) ? [one] : [{}];
  }

  get isMet(): boolean {
    return this.#needsAll ? this.#met.size === this.#filters.length : this.#met.size > 0;
  }

  /** How `event` would be taken; undefined where it would not. */
  takingOf(event: CloudEvent): Taking | undefined {
    for (const [filter, declared] of this.#filters.entries()) {
      if (this.#needsAll && this.#met.has(filter)) continue;
      if (!fitsFilter(this.#execution, declared, event)) continue;
      const correlations = correlationsOf(this.#execution, declared, event, this.#correlations);
      if (correlations !== undefined) return { filter, correlations };
    }
    return undefined;
  }

  take(taking: Taking): void {
    this.#met.add(taking.filter);
    for (const [name, value] of Object.entries(taking.correlations))
      if (!this.#correlations.has(name)) this.#correlations.set(name, value);
  }
}
