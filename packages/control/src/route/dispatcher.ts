/**
 * Brings waiting invocations and instances together, and refuses what cannot be served in time.
 *
 * Functions that compete are served in fair order (`FairOrder`). One that lacks only cores holds the machine that it
 * waits for, so that smaller ones behind it cannot starve it; one that lacks memory leaves warm instances to the others
 * but is the first to start where memory comes free for it.
 *
 * Invariants (cited by the tests):
 *   D1  every invocation that arrived is dispatched once, refused once, or withdrawn
 *   D2  invocations of one function are dispatched in order of arrival, those that wish for a start of their own aside
 *   D3  nothing waits while an instance of its function has room and its machine free cores that nobody holds
 */
import {
  type ErrorCode,
  type ErrorReport,
  type InvocationNumber,
  payloadSize,
  plus,
  type Seconds,
  seconds,
} from "@frugal/core";
import type { Event } from "../event.ts";
import { type FunctionState, never, removeFrom } from "../function-state.ts";
import { makeRoom } from "../start/eviction.ts";
import type { Instance } from "../start/instance.ts";
import type { Lifecycle, StartPurpose } from "../start/lifecycle.ts";
import { type ControlState, type Held, nothingHeld } from "../state.ts";
import type { Machine } from "./machine.ts";
import type { WaitingInvocation } from "./waiting-queue.ts";
import { Wishes } from "./wishes.ts";

/** Until an invocation was seen to its end, it is taken to last this long. */
const FIRST_SERVICE_GUESS = seconds(0.1);
const SHORTEST_RETRY = seconds(0.1);
const LONGEST_RETRY = seconds(60);

type Arrival = Extract<Event, { kind: "invocation-arrived" }>;

const NO_PAYLOAD = payloadSize(0);

const forDemand: StartPurpose = { cause: "demand", wish: undefined };

/** `content`: the function waits for nothing that others could give. `blocked`: it waits for a machine. */
type ServiceOutcome = "served" | "content" | "blocked";

interface Holding extends Held {
  readonly cores: Set<Machine>;
  readonly memory: Set<Machine>;
}

export class Dispatcher {
  readonly #state: ControlState;
  readonly #lifecycle: Lifecycle;
  readonly #wishes: Wishes;
  readonly #maxWaiting: number;
  /** Of the pump going on; kept, so that pumping allocates nothing. */
  readonly #held: Holding = { cores: new Set(), memory: new Set() };

  constructor(state: ControlState, lifecycle: Lifecycle, maxWaiting: number) {
    this.#state = state;
    this.#lifecycle = lifecycle;
    this.#wishes = new Wishes(state, lifecycle);
    this.#maxWaiting = maxWaiting;
  }

  arrive(fn: FunctionState, arrival: Arrival, now: Seconds): void {
    const { invocation, wish, payload = NO_PAYLOAD, variant, stage } = arrival;
    const giveUp = plus(now, fn.demand.queueTimeout);
    const entry: WaitingInvocation = { invocation, arrived: now, giveUp, wish, payload, variant, stage };
    if (wish === undefined && fn.waiting.length === 0 && this.#state.order.length === 0) {
      const instance = this.#instanceFor(fn, nothingHeld);
      if (instance !== undefined) {
        this.#dispatch(fn, instance, entry, now);
        return;
      }
    }
    if (!this.couldServe(fn)) {
      this.refuse(invocation, "function-too-large");
    } else if (fn.waiting.length + fn.wishing.length >= this.#longestQueueOf(fn)) {
      this.refuse(invocation, "overloaded", this.#retryAfter(fn));
    } else {
      if (wish === undefined) {
        fn.waiting.push(entry);
        this.#state.waiting++;
      } else {
        this.#wishes.push(fn, entry);
      }
      this.settle(fn, now);
      this.pump(now);
    }
  }

  /** Whether any machine could hold an instance of the function, if it were empty. */
  couldServe(fn: FunctionState): boolean {
    return this.#state.machines.some((machine) => machine.couldHold(fn.demand));
  }

  withdraw(fn: FunctionState, invocation: InvocationNumber, now: Seconds): void {
    if (fn.waiting.withdraw(invocation)) this.#state.waiting--;
    else if (!this.#wishes.withdraw(fn, invocation)) return;
    this.settle(fn, now);
    this.pump(now);
  }

  refuse(invocation: InvocationNumber, code: ErrorCode, retryAfter?: Seconds, failure?: ErrorReport): void {
    this.#state.commands.push({ kind: "refuse", invocation, code, retryAfter, failure });
  }

  /** Refuses up to `count` of the function's waiting invocations, the first ones first. */
  refuseWaiting(fn: FunctionState, count: number, code: ErrorCode, failure?: ErrorReport): void {
    for (let i = 0; i < count; i++) {
      const entry = this.#takeFirst(fn);
      if (entry === undefined) return;
      this.refuse(entry.invocation, code, undefined, failure);
    }
  }

  /** Refuses everything of the function that waits: those that wish for a start, and are having it begun, too. */
  refuseAll(fn: FunctionState, code: ErrorCode): void {
    this.refuseWaiting(fn, fn.waiting.length, code);
    this.#wishes.takeBack(fn);
    for (let first = fn.wishing.first; first !== undefined; first = fn.wishing.first) {
      this.#wishes.withdraw(fn, first.invocation);
      this.refuse(first.invocation, code);
    }
  }

  /** Starts that were begun for wishes, but are of an old revision, are begun again. */
  restartWishes(fn: FunctionState): void {
    this.#wishes.takeBack(fn);
  }

  /** The instance that was started for one invocation is ready for it. */
  grant(fn: FunctionState, instance: Instance, now: Seconds): void {
    const entry = this.#wishes.take(instance);
    if (entry !== undefined) this.#dispatch(fn, instance, entry, now);
    else this.#lifecycle.stop(fn, instance, "spent");
  }

  /** The instance that was started for one invocation has ended before it was ready. */
  deny(instance: Instance, failure: ErrorReport | undefined): void {
    const entry = this.#wishes.take(instance);
    if (entry !== undefined) this.refuse(entry.invocation, "init-failed", undefined, failure);
  }

  /** The invocation's time to wait is over: gives it up where it still waits for the start that it wished. */
  checkWish(fn: FunctionState, invocation: InvocationNumber, now: Seconds): void {
    if (!this.#wishes.withdraw(fn, invocation)) return;
    this.refuse(invocation, "queue-timeout", this.#retryAfter(fn));
    this.settle(fn, now);
    this.pump(now);
  }

  /** Enters the function into the competition for cores and memory, or takes it out. Called after each change of its own. */
  settle(fn: FunctionState, now: Seconds): void {
    const isContending =
      (fn.waiting.length > 0 && (fn.hasRoom || fn.startsWanted(now) > 0)) || this.#wishes.isContending(fn);
    if (isContending) this.#state.order.add(fn);
    else this.#state.order.remove(fn);
    this.#watchQueue(fn, now);
  }

  /** Serves the competing functions, in fair order, until none can be served. */
  pump(now: Seconds): void {
    const { order } = this.#state;
    if (order.length === 0) return;
    const held = this.#held;
    if (held.cores.size > 0) held.cores.clear();
    if (held.memory.size > 0) held.memory.clear();
    for (let position = 0; this.#isWorthTrying(held);) {
      const fn = order.at(position);
      if (fn === undefined) return;
      const outcome = this.#serve(fn, held, now);
      if (outcome === "blocked") {
        position++;
        continue;
      }
      this.settle(fn, now);
      if (outcome === "content") order.remove(fn);
    }
  }

  /** The look at a queue that `settle` noted: gives up what has waited too long, and reconsiders starts. */
  checkQueue(fn: FunctionState, now: Seconds): void {
    fn.queueCheck = never;
    for (;;) {
      const first = fn.waiting.first;
      if (first === undefined || first.giveUp > now) break;
      this.#takeFirst(fn);
      this.refuse(first.invocation, "queue-timeout", this.#retryAfter(fn));
    }
    this.settle(fn, now);
    this.pump(now);
  }

  /** Whether anybody could be served: a core is free that nobody holds or a template has, or busy instances may have room. */
  #isWorthTrying({ cores }: Held): boolean {
    if (this.#state.concurrentFunctions > 0 || this.#state.runningTemplates > 0) return true;
    for (const machine of this.#state.open) if (!cores.has(machine)) return true;
    return false;
  }

  #serve(fn: FunctionState, held: Holding, now: Seconds): ServiceOutcome {
    if (this.#wishes.start(fn, held, now)) return "served";
    const isWaiting = fn.waiting.length > 0;
    const instance = isWaiting ? this.#instanceFor(fn, held) : undefined;
    if (instance !== undefined) {
      const entry = this.#takeFirst(fn);
      if (entry === undefined) return "content";
      this.#dispatch(fn, instance, entry, now);
      return "served";
    }
    const isStartWanted = fn.startsWanted(now) > 0;
    const machine = isStartWanted ? this.#state.machineFor(fn.demand, held) : undefined;
    if (machine !== undefined) {
      this.#lifecycle.start(fn, machine, forDemand, now);
      return "served";
    }
    const isBlockedStart = isStartWanted || (fn.wishing.length > 0 && fn.canGrow);
    if (this.#stopTemplates(fn, isBlockedStart, held)) return "served";
    if (isWaiting && fn.hasRoom) this.#holdInstance(fn, held);
    else if (isBlockedStart) this.#holdMachine(fn, held);
    else return "content";
    return "blocked";
  }

  /** Where the function is blocked on a machine that runs a template, the template goes, and the function is tried again. */
  #stopTemplates(fn: FunctionState, isBlockedStart: boolean, held: Held): boolean {
    if (this.#state.runningTemplates === 0) return false;
    const isMeant = (machine: Machine): boolean =>
      (isBlockedStart && machine.couldHold(fn.demand)) ||
      (fn.waiting.length > 0 && fn.idle.some((instance) => instance.machine === machine));
    return this.#lifecycle.makeWay(isMeant, held);
  }

  /**
   * Holds a machine with an instance that could take an invocation if there were more cores. One without any free core
   * needs no holding, unless busy instances there could take work of others and so never give theirs back.
   */
  #holdInstance(fn: FunctionState, { cores }: Holding): void {
    const { open, concurrentFunctions } = this.#state;
    for (const list of [fn.idle, fn.partial]) {
      for (let i = list.length - 1; i >= 0; i--) {
        const machine = list[i]?.machine;
        if (machine === undefined || cores.has(machine)) continue;
        if (concurrentFunctions === 0 && !open.has(machine)) continue;
        cores.add(machine);
        return;
      }
    }
  }

  /** Holds a machine that lacks only cores for a start of `fn`, or those where memory or a slot comes free for it. */
  #holdMachine(fn: FunctionState, held: Holding): void {
    const roomy = this.#state.machines.filter(
      (machine) =>
        machine.couldHold(fn.demand) &&
        machine.hasRoom(fn.demand) &&
        !held.cores.has(machine) &&
        !held.memory.has(machine),
    );
    const [first] = roomy;
    if (first === undefined) {
      for (const machine of makeRoom(this.#state, this.#lifecycle, fn, held)) held.memory.add(machine);
    } else if (roomy.every((machine) => machine.canStart)) {
      held.cores.add(first);
    }
  }

  /** An instance that can take an invocation now: one at work before an idle one, the last idle before the others. */
  #instanceFor(fn: FunctionState, { cores }: Held): Instance | undefined {
    for (let i = fn.partial.length - 1; i >= 0; i--) {
      const instance = fn.partial[i];
      if (instance !== undefined && !cores.has(instance.machine)) return instance;
    }
    for (let i = fn.idle.length - 1; i >= 0; i--) {
      const instance = fn.idle[i];
      if (
        instance !== undefined &&
        !cores.has(instance.machine) &&
        instance.machine.hasCores(instance.claim)
      ) {
        return instance;
      }
    }
    return undefined;
  }

  #dispatch(fn: FunctionState, instance: Instance, entry: WaitingInvocation, now: Seconds): void {
    if (instance.running.length === 0) {
      this.#state.occupy(instance);
      this.#lifecycle.leaveIdle(fn, instance);
      if (instance.concurrency > 1) fn.partial.push(instance);
    }
    const charged =
      (instance.claim.cores * (fn.serviceTime.value ?? FIRST_SERVICE_GUESS)) / instance.concurrency;
    const isFirst = instance.served < instance.concurrency;
    instance.running.push({ invocation: entry.invocation, since: now, charged, isFirst });
    if (instance.running.length >= instance.concurrency) removeFrom(fn.partial, instance);
    this.#state.order.charge(fn, charged);
    const cold = isFirst && entry.arrived < instance.readyAt;
    instance.served++;
    const pace = this.#state.pace?.begin(fn.demand, instance, entry, now);
    this.#state.commands.push({
      kind: "dispatch",
      invocation: entry.invocation,
      instance: instance.number,
      cold,
      pace,
    });
  }

  /**
   * No queue is longer than the room that all queues leave, so that a flood of one function leaves room for the others
   * (Choudhury and Hahne, "Dynamic queue length thresholds for shared-memory packet switches", ToN 1998).
   */
  #longestQueueOf(fn: FunctionState): number {
    return Math.min(fn.demand.maxQueue, this.#maxWaiting - this.#state.waiting);
  }

  #takeFirst(fn: FunctionState): WaitingInvocation | undefined {
    const entry = fn.waiting.shift();
    if (entry !== undefined) this.#state.waiting--;
    return entry;
  }

  /** Notes when the first waiting invocation gives up, or is owed an instance whatever was expected. */
  #watchQueue(fn: FunctionState, now: Seconds): void {
    const first = fn.waiting.first;
    if (first === undefined) return;
    const owed = fn.owedAt(first);
    const check = owed > now && owed < first.giveUp ? owed : first.giveUp;
    if (check >= fn.queueCheck) return;
    fn.queueCheck = check;
    this.#state.agenda.set(check, { kind: "check-queue", fn });
  }

  /** When about half of the function's queue will have been served. */
  #retryAfter(fn: FunctionState): Seconds {
    const slots = Math.max(1, fn.ready * fn.demand.concurrency);
    const drain = ((fn.waiting.length / 2) * (fn.serviceTime.value ?? FIRST_SERVICE_GUESS)) / slots;
    return seconds(Math.min(LONGEST_RETRY, Math.max(SHORTEST_RETRY, drain)));
  }
}
