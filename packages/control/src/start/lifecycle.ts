/**
 * Starts, rests and stops instances; keeps the books of what they hold.
 *
 * Invariants (cited by the tests):
 *   S1  an instance holds its cores exactly while it starts or executes, memory and a slot until it has ended (I2)
 *   S2  a function's provisioned instances are not stopped, except to replace them by a newer revision
 *   S3  no instance is stopped while it executes an invocation
 */
import { type ErrorReport, instanceNumber, plus, type Seconds, seconds } from "@frugal/core";
import type { StartCause, StopReason } from "../command.ts";
import { type FunctionState, never, removeFrom } from "../function-state.ts";
import type { Machine } from "../route/machine.ts";
import type { ControlState } from "../state.ts";
import type { Instance } from "./instance.ts";

/** Until a start was seen, it is charged as if it took this long. */
const FIRST_START_GUESS = seconds(0.5);

export class Lifecycle {
  readonly #state: ControlState;
  #started = 0;

  constructor(state: ControlState) {
    this.#state = state;
  }

  start(fn: FunctionState, machine: Machine, cause: StartCause, now: Seconds): void {
    const { demand } = fn;
    const instance: Instance = {
      number: instanceNumber(++this.#started),
      function: demand.name,
      revision: demand.revision,
      machine,
      claim: { cores: demand.cores, memory: demand.memory },
      concurrency: demand.concurrency,
      cause,
      started: now,
      state: "starting",
      readyAt: never,
      running: [],
      served: 0,
      retiring: undefined,
      idleSince: now,
      expires: never,
      expiryCheck: never,
    };
    machine.admit(instance.claim);
    this.#state.occupy(instance);
    this.#state.instances.set(instance.number, instance);
    fn.instances.add(instance);
    fn.starting++;
    if (cause === "demand") {
      this.#state.order.charge(fn, demand.cores * (fn.startTime.value ?? FIRST_START_GUESS));
    }
    this.#state.commands.push({
      kind: "start-instance",
      instance: instance.number,
      function: demand.name,
      revision: demand.revision,
      machine: machine.capacity.name,
      cause,
    });
  }

  /** The instance can execute: from now on it is idle, or stopped where its revision is no longer wanted. */
  becomeReady(fn: FunctionState, instance: Instance, now: Seconds): void {
    if (instance.state !== "starting") return;
    fn.startTime.observe(seconds(now - instance.started));
    fn.lastProgress = now;
    fn.failedStarts = 0;
    fn.starting--;
    fn.ready++;
    instance.machine.endStart();
    this.#state.vacate(instance);
    instance.state = "ready";
    instance.readyAt = now;
    this.becomeIdle(fn, instance, now);
  }

  /** The instance executes nothing any more. */
  becomeIdle(fn: FunctionState, instance: Instance, now: Seconds): void {
    removeFrom(fn.partial, instance);
    instance.idleSince = now;
    fn.idle.push(instance);
    this.#state.idle.get(instance.machine)?.add(instance);
  }

  /** The idle instance is given work. */
  leaveIdle(fn: FunctionState, instance: Instance): void {
    removeFrom(fn.idle, instance);
    this.#state.idle.get(instance.machine)?.delete(instance);
  }

  /** Decides how long an instance that has just become idle, and found no work, stays. */
  rest(fn: FunctionState, instance: Instance, now: Seconds): void {
    const isPrewarmed = instance.cause === "prewarm" && instance.served === 0 && fn.prewarm !== undefined;
    if (isPrewarmed && fn.prewarm !== undefined) {
      this.#expireAt(fn, instance, plus(now, fn.prewarm.keepFor), now);
      fn.prewarm = undefined;
      return;
    }
    const plan = this.#state.keepAlive.rest(fn.demand.name, now, fn.isAtRest);
    if (plan.prewarm !== undefined && fn.isAtRest) {
      fn.prewarm = { at: plus(now, plan.prewarm.after), keepFor: plan.prewarm.keepFor };
      this.#state.agenda.set(fn.prewarm.at, { kind: "prewarm", fn });
    }
    this.#expireAt(fn, instance, plus(now, plan.keepFor), now);
  }

  checkExpiry(instance: Instance, now: Seconds): void {
    instance.expiryCheck = never;
    const fn = this.#state.functionOf(instance);
    if (fn === undefined || instance.state !== "ready" || instance.running.length > 0) return;
    this.#expireAt(fn, instance, instance.expires, now);
  }

  /** Starts what the prewarming plan asks for, if the function still has nothing and there is room. */
  prewarm(fn: FunctionState, now: Seconds): void {
    if (fn.prewarm === undefined || fn.prewarm.at > now || fn.isRemoved) return;
    const machine = fn.live === 0 && fn.canGrow ? this.#state.machineFor(fn.demand) : undefined;
    if (machine === undefined) fn.prewarm = undefined;
    else this.start(fn, machine, "prewarm", now);
  }

  stop(fn: FunctionState, instance: Instance, reason: StopReason): void {
    this.#leave(fn, instance);
    instance.state = "stopping";
    instance.machine.markLeaving(instance.claim);
    this.#state.commands.push({ kind: "stop-instance", instance: instance.number, reason });
  }

  /** The busy instance takes no more work; it is stopped for `reason` when its last invocation has finished. */
  retire(fn: FunctionState, instance: Instance, reason: StopReason): void {
    if (instance.retiring === undefined) fn.ready--;
    instance.retiring = reason;
    removeFrom(fn.partial, instance);
  }

  /** Stops what the function no longer wants: everything of a removed one, else what is not of its revision. */
  stopUnwanted(fn: FunctionState): void {
    const reason = fn.isRemoved ? "removed" : "superseded";
    for (const instance of fn.instances) {
      if (instance.state === "stopping" || this.isWanted(fn, instance)) continue;
      if (instance.running.length === 0) this.stop(fn, instance, reason);
      else this.retire(fn, instance, reason);
    }
  }

  isWanted(fn: FunctionState, instance: Instance): boolean {
    return !fn.isRemoved && instance.revision === fn.demand.revision;
  }

  /** Nothing of the instance is left: its resources are free. */
  end(fn: FunctionState, instance: Instance, failure: ErrorReport | undefined): void {
    const wasLeaving = instance.state === "stopping";
    if (instance.state === "starting" && failure !== undefined) fn.failedStarts++;
    if (!wasLeaving) this.#leave(fn, instance);
    instance.machine.discharge(instance.claim, wasLeaving);
    fn.instances.delete(instance);
    this.#state.instances.delete(instance.number);
  }

  /** Takes a starting or ready instance out of its function's lists and gives its cores back. */
  #leave(fn: FunctionState, instance: Instance): void {
    if (instance.state === "starting") {
      fn.starting--;
      instance.machine.endStart();
      this.#state.vacate(instance);
      return;
    }
    if (instance.retiring === undefined) fn.ready--;
    if (instance.running.length > 0) this.#state.vacate(instance);
    removeFrom(fn.partial, instance);
    this.leaveIdle(fn, instance);
  }

  #isProtected(fn: FunctionState): boolean {
    return fn.live <= fn.demand.provisioned;
  }

  #expireAt(fn: FunctionState, instance: Instance, expires: Seconds, now: Seconds): void {
    instance.expires = expires;
    if (this.#isProtected(fn) || expires === never) return;
    // It is idle for want of cores only. By the next look its queue has been served or has given up.
    const isNeeded = expires <= now && fn.waiting.length > 0;
    const due = isNeeded ? plus(now, fn.demand.queueTimeout) : expires;
    if (due <= now) this.stop(fn, instance, "idle");
    else if (due < instance.expiryCheck) {
      instance.expiryCheck = due;
      this.#state.agenda.set(due, { kind: "check-expiry", instance });
    }
  }
}
