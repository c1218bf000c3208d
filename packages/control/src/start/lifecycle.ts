/**
 * Starts, rests and stops instances; keeps the books of what they hold.
 *
 * Invariants (cited by the tests):
 *   S1  an instance holds its cores exactly while it starts or executes, memory and a slot until it has ended (I2)
 *   S2  a function's provisioned instances are not stopped, except to replace them by a newer revision
 *   S3  no instance is stopped while it executes an invocation
 */
import {
  type Bytes,
  type ErrorReport,
  instanceNumber,
  plus,
  type Seconds,
  seconds,
  type StartKind,
  type StartWish,
} from "@frugal/core";
import type { StartCause, StopReason } from "../command.ts";
import { type FunctionState, never, removeFrom } from "../function-state.ts";
import type { Claim, Machine } from "../route/machine.ts";
import { type ControlState, type Held, nothingHeld } from "../state.ts";
import { type Instance, isShared } from "./instance.ts";

/** Until a start was seen, it is charged as if it took this long. */
const FIRST_START_GUESS = seconds(0.5);
/** A prewarm whose machine a template has just made way on is tried again after this. */
const AFTER_TEMPLATE = seconds(0.1);

/** What a start is for. */
export interface StartPurpose {
  readonly cause: StartCause;
  readonly wish: StartWish | undefined;
}

/** What the shell saw of a start that succeeded. */
export interface StartReport {
  readonly start: StartKind;
  readonly cpu: Seconds | undefined;
  readonly memory: Bytes | undefined;
}

export class Lifecycle {
  readonly #state: ControlState;
  #started = 0;

  constructor(state: ControlState) {
    this.#state = state;
  }

  start(fn: FunctionState, machine: Machine, { cause, wish }: StartPurpose, now: Seconds): Instance {
    const { demand } = fn;
    const start = wish?.kind ?? this.#state.startChoice.choose(fn, machine, cause, now);
    const instance: Instance = {
      number: instanceNumber(++this.#started),
      function: demand.name,
      revision: demand.revision,
      machine,
      claim: { cores: demand.cores, memory: demand.memory },
      concurrency: wish === undefined ? demand.concurrency : 1,
      cause,
      start,
      wish,
      reservedFor: undefined,
      cpus: cause === "template" ? undefined : this.#state.pace?.pin(machine, demand.cores),
      started: now,
      state: "starting",
      readyAt: never,
      running: [],
      served: 0,
      retiring: wish === undefined ? undefined : "spent",
      idleSince: now,
      expires: never,
      expiryCheck: never,
    };
    machine.admit(instance.claim);
    this.#state.occupy(instance);
    this.#state.instances.set(instance.number, instance);
    if (cause === "template") {
      fn.template.instance = instance;
      this.#state.templates.set(machine, instance);
      this.#state.runningTemplates++;
    } else {
      fn.instances.add(instance);
    }
    if (isShared(instance)) {
      fn.starting++;
      fn.starts.begin(start);
    }
    if (cause === "demand") {
      this.#state.order.charge(fn, demand.cores * (fn.startTime ?? FIRST_START_GUESS));
    }
    this.#state.commands.push({
      kind: "start-instance",
      instance: instance.number,
      function: demand.name,
      revision: demand.revision,
      machine: machine.capacity.name,
      cause,
      start,
      wish,
      cpus: instance.cpus,
    });
    // Nobody waits for a template: it makes do with whatever clocks there are.
    if (cause !== "template") this.#state.pace?.starting(instance);
    return instance;
  }

  /** The instance can execute: from now on it is idle, unless it was started for one invocation alone. */
  becomeReady(fn: FunctionState, instance: Instance, report: StartReport, now: Seconds): void {
    if (instance.state !== "starting") return;
    instance.machine.endStart();
    this.#state.vacate(instance);
    this.#state.pace?.started(instance);
    instance.state = "ready";
    instance.start = report.start;
    instance.readyAt = now;
    if (!isShared(instance)) return;
    fn.starts.observe(report.start, seconds(now - instance.started), report.cpu, report.memory);
    this.#state.startChoice.refresh(fn);
    fn.lastProgress = now;
    fn.failedStarts = 0;
    fn.starting--;
    fn.ready++;
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
    const plan = this.#state.keepAlive.rest(fn.demand.name, now, fn.isAtRest, fn.restCosts);
    fn.keepFor = plan.prewarm?.keepFor ?? plan.keepFor;
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
    const isWanted = fn.live === 0 && fn.canGrow;
    const templates = this.#state.runningTemplates;
    const machine = isWanted ? this.machineFor(fn.demand) : undefined;
    if (machine !== undefined) {
      this.start(fn, machine, { cause: "prewarm", wish: undefined }, now);
    } else if (this.#state.runningTemplates < templates) {
      fn.prewarm = { at: plus(now, AFTER_TEMPLATE), keepFor: fn.prewarm.keepFor };
      this.#state.agenda.set(fn.prewarm.at, { kind: "prewarm", fn });
    } else {
      fn.prewarm = undefined;
    }
  }

  /** A machine for an instance of `claim` now; templates make way where there would be none. */
  machineFor(claim: Claim): Machine | undefined {
    const machine = this.#state.machineFor(claim);
    if (machine !== undefined || !this.makeWay((candidate) => candidate.couldHold(claim))) return machine;
    return this.#state.machineFor(claim);
  }

  /** Stops the templates on the machines that are meant and that nobody holds: work is blocked there. False where there are none. */
  makeWay(isMeant: (machine: Machine) => boolean, { cores, memory }: Held = nothingHeld): boolean {
    let hasStopped = false;
    for (const [machine, instance] of this.#state.templates) {
      if (instance.state !== "starting" || cores.has(machine) || memory.has(machine)) continue;
      const fn = this.#state.functionOf(instance);
      if (fn === undefined || !isMeant(machine)) continue;
      this.stop(fn, instance, "evicted");
      hasStopped = true;
    }
    return hasStopped;
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
    const template = fn.template.instance;
    for (const instance of template === undefined ? fn.instances : [...fn.instances, template]) {
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
    if (instance.state === "starting" && failure !== undefined && isShared(instance)) fn.failedStarts++;
    if (!wasLeaving) this.#leave(fn, instance);
    instance.machine.discharge(instance.claim, wasLeaving);
    this.#state.pace?.ended(instance);
    fn.instances.delete(instance);
    if (instance.cause === "template") {
      fn.template.instance = undefined;
      this.#state.templates.delete(instance.machine);
    }
    this.#state.instances.delete(instance.number);
  }

  /** Takes a starting or ready instance out of its function's lists and gives its cores back. */
  #leave(fn: FunctionState, instance: Instance): void {
    if (instance.state === "starting") {
      if (isShared(instance)) fn.starting--;
      else if (instance.cause === "template") this.#state.runningTemplates--;
      instance.machine.endStart();
      this.#state.vacate(instance);
      this.#state.pace?.started(instance);
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
