/**
 * Keeps functions at their provisioned minimum: starts what is missing, evicting idle instances of others where memory is
 * short, and tries again later where that does not help.
 */
import { type Seconds, seconds } from "@frugal/core";
import { type FunctionState, never } from "../function-state.ts";
import type { ControlState } from "../state.ts";
import { evictFor } from "./eviction.ts";
import type { Lifecycle, StartPurpose } from "./lifecycle.ts";

/** An instance that could not be had is tried again after this, doubled with every failed start. */
const RETRY = seconds(1);
const LONGEST_RETRY = seconds(60);

const purpose: StartPurpose = { cause: "provisioned", wish: undefined };

export class Provisioning {
  readonly #state: ControlState;
  readonly #lifecycle: Lifecycle;
  /** Functions below their minimum for want of room: the next that comes free is theirs. */
  readonly #short = new Set<FunctionState>();

  constructor(state: ControlState, lifecycle: Lifecycle) {
    this.#state = state;
    this.#lifecycle = lifecycle;
  }

  /** Brings the function up to its minimum, now or, where there is no room, later. */
  provision(fn: FunctionState, now: Seconds): void {
    this.#short.delete(fn);
    while (this.#isMissing(fn)) {
      if (fn.failedStarts > 0) {
        this.#later(fn, now);
        return;
      }
      const machine = this.#lifecycle.machineFor(fn.demand);
      if (machine === undefined) {
        evictFor(this.#state, this.#lifecycle, fn.demand);
        this.#short.add(fn);
        this.#later(fn, now);
        return;
      }
      this.#lifecycle.start(fn, machine, purpose, now);
    }
  }

  /** Something has come free: functions that lacked room for their minimum have it first. */
  resume(now: Seconds): void {
    for (const fn of [...this.#short]) this.provision(fn, now);
  }

  /** The look that was put off: after failed starts, one instance is tried again. */
  check(fn: FunctionState, now: Seconds): void {
    fn.provisionCheck = never;
    if (!this.#isMissing(fn)) return;
    const machine = fn.failedStarts > 0 ? this.#lifecycle.machineFor(fn.demand) : undefined;
    if (machine !== undefined) this.#lifecycle.start(fn, machine, purpose, now);
    this.provision(fn, now);
  }

  #isMissing(fn: FunctionState): boolean {
    return !fn.isRemoved && fn.live < fn.demand.provisioned && fn.canGrow;
  }

  #later(fn: FunctionState, now: Seconds): void {
    if (fn.provisionCheck !== never) return;
    const wait = Math.min(LONGEST_RETRY, RETRY * 2 ** Math.min(fn.failedStarts, 10));
    fn.provisionCheck = seconds(now + wait);
    this.#state.agenda.set(fn.provisionCheck, { kind: "check-provisioned", fn });
  }
}
