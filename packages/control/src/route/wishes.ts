/**
 * Invocations that insist on a start of their own: an experiment's, each executed by an instance that is started for it
 * as it wishes and stopped after it.
 *
 * They compete with their function's share, but take no warm instance, and no other invocation takes theirs: what others
 * find is the same before and after. Waiting ones are in `fn.wishing`; one whose instance starts is that instance's
 * `reservedFor`.
 */
import type { InvocationNumber, Seconds } from "@frugal/core";
import type { FunctionState } from "../function-state.ts";
import type { Instance } from "../start/instance.ts";
import type { Lifecycle } from "../start/lifecycle.ts";
import type { ControlState, Held } from "../state.ts";
import type { WaitingInvocation } from "./waiting-queue.ts";

export class Wishes {
  readonly #state: ControlState;
  readonly #lifecycle: Lifecycle;

  constructor(state: ControlState, lifecycle: Lifecycle) {
    this.#state = state;
    this.#lifecycle = lifecycle;
  }

  /** Whether a start would be begun if there were a machine for it; an idle instance goes where the limit is reached. */
  isContending(fn: FunctionState): boolean {
    return fn.wishing.length > 0 && (fn.canGrow || canSpareIdle(fn));
  }

  push(fn: FunctionState, entry: WaitingInvocation): void {
    fn.wishing.push(entry);
    this.#state.waiting++;
    this.#state.agenda.set(entry.giveUp, { kind: "check-wish", fn, invocation: entry.invocation });
  }

  /** Begins the start that the first one wishes, if a machine has room for it. */
  start(fn: FunctionState, held: Held, now: Seconds): boolean {
    const first = fn.wishing.first;
    if (first === undefined) return false;
    if (!fn.canGrow) {
      const [longestIdle] = fn.idle;
      if (longestIdle !== undefined && canSpareIdle(fn) && !isMakingRoom(fn))
        this.#lifecycle.stop(fn, longestIdle, "evicted");
      return false;
    }
    const machine = this.#state.machineFor(fn.demand, held);
    if (machine === undefined) return false;
    fn.wishing.shift();
    const instance = this.#lifecycle.start(fn, machine, { cause: "demand", wish: first.wish }, now);
    instance.reservedFor = first;
    return true;
  }

  /** The invocation that the instance was started for; it waits no longer. */
  take(instance: Instance): WaitingInvocation | undefined {
    const entry = instance.reservedFor;
    instance.reservedFor = undefined;
    if (entry !== undefined) this.#state.waiting--;
    return entry;
  }

  /** Takes the invocation out, wherever it waits; the instance being started for it is stopped. */
  withdraw(fn: FunctionState, invocation: InvocationNumber): boolean {
    if (fn.wishing.withdraw(invocation)) {
      this.#state.waiting--;
      return true;
    }
    for (const instance of fn.instances) {
      if (instance.reservedFor?.invocation !== invocation) continue;
      this.take(instance);
      if (instance.state === "starting") this.#lifecycle.stop(fn, instance, "spent");
      return true;
    }
    return false;
  }

  /** All of the function's go back to where they wait for a start: those under way are of an old revision. */
  takeBack(fn: FunctionState): void {
    for (const instance of fn.instances) {
      if (instance.reservedFor === undefined || this.#lifecycle.isWanted(fn, instance)) continue;
      fn.wishing.push(instance.reservedFor);
      instance.reservedFor = undefined;
    }
  }
}

const canSpareIdle = (fn: FunctionState): boolean => fn.idle.length > 0 && fn.live > fn.demand.provisioned;

const isMakingRoom = (fn: FunctionState): boolean =>
  [...fn.instances].some(({ state }) => state === "stopping");
