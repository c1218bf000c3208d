/**
 * The control plane: one synchronous state machine, `handle(event, now): Command[]`.
 *
 * It keeps no clock, starts nothing and waits for nothing. The shell (the daemon on Linux, the simulator in virtual time)
 * reports events and carries the commands out. Same events at the same times: the same commands (I7).
 */
import {
  type ErrorReport,
  type FunctionDemand,
  type FunctionName,
  type InstanceNumber,
  type Seconds,
  seconds,
  unreachable,
  type WorkflowDeadline,
  type WorkflowGraph,
} from "@frugal/core";
import type { Command } from "./command.ts";
import type { ControlOptions } from "./control-options.ts";
import type { Event } from "./event.ts";
import { FunctionState, never } from "./function-state.ts";
import { Dispatcher } from "./route/dispatcher.ts";
import { Pace } from "./pace/pace.ts";
import type { PacePlan } from "./pace/pace-plan.ts";
import { Machine, type MachineCapacity } from "./route/machine.ts";
import { usualCoefficients } from "./start/energy-coefficients.ts";
import { type Instance, isShared, takeRunning } from "./start/instance.ts";
import { createKeepAlive } from "./start/keep-alive/index.ts";
import { Lifecycle } from "./start/lifecycle.ts";
import { Provisioning } from "./start/provisioning.ts";
import { StartChoice } from "./start/start-choice.ts";
import { createStartPolicy } from "./start/start-policy/index.ts";
import { Templates } from "./start/templates.ts";
import { ControlState, type Task } from "./state.ts";

/** A function's instances and queue at this moment. */
export interface FunctionOccupancy {
  readonly starting: number;
  readonly idle: number;
  readonly busy: number;
  readonly waiting: number;
}

const nothing: readonly Command[] = [];

export class Control {
  readonly #state: ControlState;
  readonly #lifecycle: Lifecycle;
  readonly #templates: Templates;
  readonly #provisioning: Provisioning;
  readonly #dispatcher: Dispatcher;
  /** Time of the timer that the shell holds. */
  #armed: Seconds = never;
  #deployed = 0;

  constructor(options: ControlOptions) {
    const startPolicy = createStartPolicy(
      options.startPolicy ?? "cheapest-in-time",
      options.startPolicyOptions,
    );
    this.#state = new ControlState(
      createKeepAlive(options.keepAlive, options.keepAliveOptions),
      new StartChoice(startPolicy, options.energy ?? usualCoefficients),
    );
    if (options.pace !== undefined) {
      this.#state.pace = new Pace(options.pace, {
        command: (command) => this.#state.commands.push(command),
        sampleAt: (at, machine) => this.#state.agenda.set(at, { kind: "sample-load", machine }),
        settleAt: (at, machine) => this.#state.agenda.set(at, { kind: "settle-clocks", machine }),
      });
    }
    this.#lifecycle = new Lifecycle(this.#state);
    this.#templates = new Templates(this.#state, this.#lifecycle);
    this.#provisioning = new Provisioning(this.#state, this.#lifecycle);
    this.#dispatcher = new Dispatcher(this.#state, this.#lifecycle, options.maxWaiting);
  }

  /** `now` must not be before the `now` of an earlier call. */
  handle(event: Event, now: Seconds): readonly Command[] {
    if (this.#state.pace !== undefined) this.#state.pace.now = now;
    this.#apply(event, now);
    const earliest = this.#state.agenda.earliest;
    if (earliest < this.#armed) {
      this.#armed = earliest;
      this.#state.commands.push({ kind: "set-timer", at: earliest });
    }
    if (this.#state.commands.length === 0) return nothing;
    const commands = this.#state.commands;
    this.#state.commands = [];
    return commands;
  }

  /** Undefined where no such function is known. */
  occupancy(name: FunctionName): FunctionOccupancy | undefined {
    const fn = this.#state.functions.get(name);
    if (fn === undefined || fn.isRemoved) return undefined;
    let busy = 0;
    let reserved = 0;
    for (const instance of fn.instances) {
      if (instance.running.length > 0) busy++;
      if (instance.reservedFor !== undefined) reserved++;
    }
    const waiting = fn.waiting.length + fn.wishing.length + reserved;
    return { starting: fn.starting + reserved, idle: fn.idle.length, busy, waiting };
  }

  /** What the workflow's stages may take, by both ways of making budgets; undefined where nothing paces any machine. */
  plan(graph: WorkflowGraph, deadline: WorkflowDeadline): PacePlan | undefined {
    return this.#state.pace?.plan(graph, deadline);
  }

  /** What is reserved on each machine. */
  machines(): readonly { readonly capacity: MachineCapacity; readonly usage: Machine["usage"] }[] {
    return this.#state.machines.map(({ capacity, usage }) => ({ capacity, usage }));
  }

  #apply(event: Event, now: Seconds): void {
    switch (event.kind) {
      case "invocation-arrived":
        this.#arrive(event, now);
        return;
      case "invocation-finished":
        this.#finish(event, now);
        return;
      case "instance-ready":
        this.#ready(event, now);
        return;
      case "instance-ended":
        this.#end(event.instance, event.failure, now);
        return;
      case "timer-fired":
        this.#wake(now);
        return;
      case "invocation-withdrawn": {
        const fn = this.#state.functions.get(event.function);
        if (fn !== undefined) this.#dispatcher.withdraw(fn, event.invocation, now);
        return;
      }
      case "function-deployed":
        this.#deploy(event.demand, now);
        return;
      case "function-removed":
        this.#remove(event.function, now);
        return;
      case "starts-known":
        this.#learn(event, now);
        return;
      case "snapshot-wished": {
        const fn = this.#state.functions.get(event.function);
        if (fn !== undefined) this.#templates.wish(fn, now);
        return;
      }
      case "machine-joined":
        this.#join(new Machine(event.machine), now);
        return;
      case "workflow-deployed":
      case "workflow-removed":
      case "run-started":
      case "run-ended":
      case "load-sampled":
        this.#state.pace?.handle(event, now);
        return;
      default:
        unreachable(event);
    }
  }

  #arrive(event: Extract<Event, { kind: "invocation-arrived" }>, now: Seconds): void {
    const { invocation, function: name } = event;
    const fn = this.#state.functions.get(name);
    if (fn === undefined || fn.isRemoved) {
      this.#dispatcher.refuse(invocation, "function-not-found");
      return;
    }
    if (event.wish === undefined) {
      fn.prewarm = undefined;
      this.#state.keepAlive.arrived(name, now);
    }
    this.#dispatcher.arrive(fn, event, now);
  }

  #finish(event: Extract<Event, { kind: "invocation-finished" }>, now: Seconds): void {
    const instance = this.#state.instances.get(event.instance);
    const running = instance === undefined ? undefined : takeRunning(instance, event.invocation);
    if (instance !== undefined && running !== undefined) this.#state.pace?.end(instance, event, now);
    const fn = instance === undefined ? undefined : this.#state.functionOf(instance);
    if (instance === undefined || running === undefined || fn === undefined) return;
    const duration = seconds(now - running.since);
    if (!running.isFirst) fn.serviceTime.observe(duration);
    else if (isShared(instance)) {
      fn.starts.observeFirst(instance.start, duration);
      this.#state.startChoice.refresh(fn);
    }
    this.#noteSuccess(fn, instance, event, now);
    fn.lastProgress = now;
    const used = (instance.claim.cores * duration) / instance.concurrency;
    this.#state.order.charge(fn, used - running.charged);
    if (instance.running.length === 0) this.#state.vacate(instance);
    if (event.isInstanceLost) this.#lifecycle.retire(fn, instance, "lost");
    this.#takeBack(fn, instance, now);
    this.#dispatcher.settle(fn, now);
    this.#dispatcher.pump(now);
    this.#restIfIdle(fn, instance, now);
  }

  /** With its first success a revision has something to warm a template up with. */
  #noteSuccess(
    fn: FunctionState,
    instance: Instance,
    { isInstanceLost, isFailure }: Extract<Event, { kind: "invocation-finished" }>,
    now: Seconds,
  ): void {
    const { template } = fn;
    if (template.hasSucceeded || isInstanceLost || isFailure === true) return;
    if (instance.revision !== fn.demand.revision) return;
    template.hasSucceeded = true;
    this.#templates.consider(fn, now);
  }

  /** The instance has room again: it becomes idle, takes further work, or is stopped where it is retiring. */
  #takeBack(fn: FunctionState, instance: Instance, now: Seconds): void {
    const isEmpty = instance.running.length === 0;
    if (instance.retiring !== undefined) {
      if (isEmpty) this.#lifecycle.stop(fn, instance, instance.retiring);
    } else if (isEmpty) {
      this.#lifecycle.becomeIdle(fn, instance, now);
    } else if (instance.running.length === instance.concurrency - 1) {
      fn.partial.push(instance);
    }
  }

  #restIfIdle(fn: FunctionState, instance: Instance, now: Seconds): void {
    if (instance.state === "ready" && instance.running.length === 0) this.#lifecycle.rest(fn, instance, now);
  }

  #ready(event: Extract<Event, { kind: "instance-ready" }>, now: Seconds): void {
    const instance = this.#state.instances.get(event.instance);
    const fn = instance === undefined ? undefined : this.#state.functionOf(instance);
    if (instance?.state !== "starting" || instance.cause === "template" || fn === undefined) return;
    this.#lifecycle.becomeReady(fn, instance, event, now);
    if (!isShared(instance)) this.#dispatcher.grant(fn, instance, now);
    this.#dispatcher.settle(fn, now);
    this.#dispatcher.pump(now);
    this.#restIfIdle(fn, instance, now);
  }

  #end(number: InstanceNumber, failure: ErrorReport | undefined, now: Seconds): void {
    const instance = this.#state.instances.get(number);
    const fn = instance === undefined ? undefined : this.#state.functionOf(instance);
    if (instance === undefined || fn === undefined) return;
    const hadStarted = instance.state !== "starting";
    // What it executes still is told of nowhere else any more.
    for (const { invocation } of instance.running) {
      const lost = {
        kind: "invocation-finished",
        invocation,
        instance: number,
        isInstanceLost: true,
      } as const;
      this.#state.pace?.end(instance, lost, now);
    }
    this.#lifecycle.end(fn, instance, failure);
    if (instance.cause === "template") this.#templates.ended(fn, instance, failure, now);
    else if (!isShared(instance)) this.#dispatcher.deny(instance, failure);
    else if (!hadStarted && failure !== undefined && this.#lifecycle.isWanted(fn, instance)) {
      // One invocation pays for the first failed start, twice as many for each further one: a start that failed by
      // accident costs little, and a function that cannot start does not keep a flood waiting.
      this.#dispatcher.refuseWaiting(fn, 2 ** Math.min(fn.failedStarts - 1, 20), "init-failed", failure);
    }
    this.#forgetIfGone(fn);
    this.#provisioning.provision(fn, now);
    this.#provisioning.resume(now);
    this.#dispatcher.settle(fn, now);
    this.#dispatcher.pump(now);
  }

  #wake(now: Seconds): void {
    this.#armed = never;
    for (
      let task = this.#state.agenda.takeDue(now);
      task !== undefined;
      task = this.#state.agenda.takeDue(now)
    ) {
      this.#perform(task, now);
    }
  }

  #perform(task: Task, now: Seconds): void {
    switch (task.kind) {
      case "check-expiry":
        this.#lifecycle.checkExpiry(task.instance, now);
        return;
      case "check-queue":
        this.#dispatcher.checkQueue(task.fn, now);
        return;
      case "check-provisioned":
        this.#provisioning.check(task.fn, now);
        return;
      case "check-template":
        this.#templates.look(task.fn, now);
        return;
      case "check-wish":
        this.#dispatcher.checkWish(task.fn, task.invocation, now);
        return;
      case "prewarm":
        this.#lifecycle.prewarm(task.fn, now);
        return;
      case "sample-load":
        this.#state.pace?.sample(task.machine);
        return;
      case "settle-clocks":
        this.#state.pace?.settle(task.machine);
        return;
      default:
        unreachable(task);
    }
  }

  #deploy(demand: FunctionDemand, now: Seconds): void {
    let fn = this.#state.functions.get(demand.name);
    if (fn === undefined) {
      fn = new FunctionState(demand, this.#deployed++);
      this.#state.functions.set(demand.name, fn);
      this.#state.concurrentFunctions += demand.concurrency > 1 ? 1 : 0;
    } else {
      this.#state.concurrentFunctions += Number(demand.concurrency > 1) - Number(fn.demand.concurrency > 1);
      if (demand.revision !== fn.demand.revision || fn.isRemoved) {
        fn.starts.reset();
        fn.template.reset();
        this.#state.pace?.forget(demand.name);
      }
      fn.demand = demand;
      fn.isRemoved = false;
      fn.failedStarts = 0;
      this.#dispatcher.restartWishes(fn);
      this.#lifecycle.stopUnwanted(fn);
      if (!this.#dispatcher.couldServe(fn)) this.#dispatcher.refuseAll(fn, "function-too-large");
    }
    this.#state.startChoice.refresh(fn);
    this.#templates.consider(fn, now);
    this.#provisioning.provision(fn, now);
    this.#dispatcher.settle(fn, now);
    this.#dispatcher.pump(now);
  }

  #remove(name: FunctionName, now: Seconds): void {
    const fn = this.#state.functions.get(name);
    if (fn === undefined || fn.isRemoved) return;
    fn.isRemoved = true;
    this.#dispatcher.refuseAll(fn, "function-not-found");
    this.#lifecycle.stopUnwanted(fn);
    this.#dispatcher.settle(fn, now);
    this.#forgetIfGone(fn);
    this.#dispatcher.pump(now);
  }

  #forgetIfGone(fn: FunctionState): void {
    if (!fn.isRemoved || fn.instances.size > 0 || fn.template.instance !== undefined) return;
    this.#state.functions.delete(fn.demand.name);
    this.#state.concurrentFunctions -= fn.demand.concurrency > 1 ? 1 : 0;
    this.#state.keepAlive.forget(fn.demand.name);
    this.#state.pace?.forget(fn.demand.name);
  }

  #join(machine: Machine, now: Seconds): void {
    this.#state.pace?.join(machine, now);
    this.#state.machines.push(machine);
    this.#state.open.add(machine);
    this.#state.idle.set(machine, new Set());
    for (const fn of this.#state.functions.values()) {
      this.#provisioning.provision(fn, now);
      this.#templates.consider(fn, now);
    }
    this.#dispatcher.pump(now);
  }

  /** Snapshots of the function came or went. What is told of an old revision means nothing any more. */
  #learn(event: Extract<Event, { kind: "starts-known" }>, now: Seconds): void {
    const fn = this.#state.functions.get(event.function);
    const machine = this.#state.machines.find(({ capacity }) => capacity.name === event.machine);
    if (fn === undefined || machine === undefined || event.revision !== fn.demand.revision) return;
    const hadSnapshot = fn.starts.hasSnapshotOn(machine);
    fn.starts.offer(machine, event.offers, fn.demand.snapshot);
    this.#state.startChoice.refresh(fn);
    const hasSnapshot = fn.starts.hasSnapshotOn(machine);
    if (hasSnapshot) this.#templates.offered(fn);
    else if (hadSnapshot) this.#templates.withdrawn(fn, now);
    this.#dispatcher.settle(fn, now);
    this.#dispatcher.pump(now);
  }
}
