/**
 * A shell for tests: carries the control plane's commands out in virtual time, keeps its own books, and throws when a
 * command breaks a promise. It shares no code with the control plane beyond the types of events and commands.
 */
import {
  type FunctionDemand,
  type FunctionName,
  type InstanceNumber,
  type InvocationNumber,
  invocationNumber,
  type Random,
  seconds,
} from "@frugal/core";
import {
  type Command,
  Control,
  type ControlOptions,
  type Event,
  type MachineCapacity,
} from "../src/index.ts";

interface LiveInstance {
  readonly demand: FunctionDemand;
  readonly machine: MachineCapacity;
  state: "starting" | "ready" | "dying" | "stopping";
  readonly running: Set<InvocationNumber>;
}

export interface VirtualInvocation {
  readonly function: FunctionName;
  readonly arrived: number;
  outcome: "waiting" | "running" | "finished" | "refused" | "withdrawn";
  dispatched?: number;
  finished?: number;
  cold?: boolean;
  code?: string;
  retryAfter?: number | undefined;
}

export interface Behaviour {
  readonly startTime: (random: Random) => number;
  readonly serviceTime: (random: Random, fn: FunctionName) => number;
  /** Share of starts that fail, and of invocations that lose their instance. */
  readonly failures: number;
}

export class VirtualShell {
  readonly control: Control;
  readonly invocations = new Map<InvocationNumber, VirtualInvocation>();
  readonly log: string[] = [];
  readonly starts: { readonly at: number; readonly function: FunctionName; readonly cause: string }[] = [];
  readonly stops: { readonly at: number; readonly reason: string }[] = [];
  now = 0;

  readonly #machines: readonly MachineCapacity[];
  readonly #behaviour: Behaviour;
  readonly #random: Random;
  readonly #instances = new Map<InstanceNumber, LiveInstance>();
  readonly #demands = new Map<FunctionName, FunctionDemand>();
  readonly #agenda: { at: number; sequence: number; action: () => void }[] = [];
  #sequence = 0;
  #timer: number | undefined;
  #arrived = 0;

  constructor(
    options: ControlOptions,
    machines: readonly MachineCapacity[],
    behaviour: Behaviour,
    random: Random,
  ) {
    this.control = new Control(options);
    this.#machines = machines;
    this.#behaviour = behaviour;
    this.#random = random;
    for (const machine of machines) this.send({ kind: "machine-joined", machine });
  }

  get live(): number {
    return this.#instances.size;
  }

  deploy(demand: FunctionDemand): void {
    this.#demands.set(demand.name, demand);
    this.send({ kind: "function-deployed", demand });
  }

  arriveAt(at: number, fn: FunctionName, withdrawAfter?: number): void {
    this.#schedule(at, () => {
      const invocation = invocationNumber(++this.#arrived);
      this.invocations.set(invocation, { function: fn, arrived: this.now, outcome: "waiting" });
      this.send({ kind: "invocation-arrived", invocation, function: fn });
      if (withdrawAfter === undefined) return;
      this.#schedule(this.now + withdrawAfter, () => {
        const record = this.invocations.get(invocation);
        if (record?.outcome !== "waiting") return;
        record.outcome = "withdrawn";
        this.send({ kind: "invocation-withdrawn", invocation, function: fn });
      });
    });
  }

  doAt(at: number, action: () => void): void {
    this.#schedule(at, action);
  }

  /** Runs until nothing is left to do before `until`. */
  run(until: number): void {
    for (;;) {
      this.#agenda.sort((a, b) => a.at - b.at || a.sequence - b.sequence);
      const next = this.#agenda[0];
      const timer = this.#timer ?? Infinity;
      if (Math.min(next?.at ?? Infinity, timer) > until) break;
      if (next !== undefined && next.at <= timer) {
        this.#agenda.shift();
        this.now = next.at;
        next.action();
      } else {
        this.now = Math.max(this.now, timer);
        this.#timer = undefined;
        this.send({ kind: "timer-fired" });
      }
    }
    this.now = until;
  }

  send(event: Event): void {
    const commands = this.control.handle(event, seconds(this.now));
    for (const command of commands) {
      this.log.push(JSON.stringify([this.now, command]));
      this.#carryOut(command);
    }
    this.#checkCapacity();
  }

  #carryOut(command: Command): void {
    switch (command.kind) {
      case "start-instance":
        this.#start(command);
        return;
      case "stop-instance":
        this.#stop(command);
        return;
      case "dispatch":
        this.#dispatch(command);
        return;
      case "refuse": {
        const record = this.#waiting(command.invocation);
        record.outcome = "refused";
        record.code = command.code;
        record.retryAfter = command.retryAfter;
        record.finished = this.now;
        return;
      }
      case "set-timer":
        this.#timer = command.at;
    }
  }

  #start(command: Extract<Command, { kind: "start-instance" }>): void {
    const demand = this.#demands.get(command.function);
    const machine = this.#machines.find((candidate) => candidate.name === command.machine);
    if (demand === undefined || machine === undefined) throw new Error("started what does not exist");
    if (demand.revision !== command.revision) throw new Error("started an old revision");
    this.starts.push({ at: this.now, function: command.function, cause: command.cause });
    const instance: LiveInstance = { demand, machine, state: "starting", running: new Set() };
    this.#instances.set(command.instance, instance);
    const fails = this.#random.next() < this.#behaviour.failures;
    this.#schedule(this.now + this.#behaviour.startTime(this.#random), () => {
      if (instance.state !== "starting") return;
      if (fails) this.#lose(command.instance, instance);
      else {
        instance.state = "ready";
        this.send({ kind: "instance-ready", instance: command.instance });
      }
    });
  }

  #stop(command: Extract<Command, { kind: "stop-instance" }>): void {
    const instance = this.#instances.get(command.instance);
    if (instance?.state === "dying") return;
    if (instance === undefined || instance.state === "stopping")
      throw new Error("stopped what does not live");
    if (instance.running.size > 0) throw new Error("stopped a busy instance (S3)");
    instance.state = "stopping";
    this.stops.push({ at: this.now, reason: command.reason });
    this.#schedule(this.now + 0.01, () => {
      this.#instances.delete(command.instance);
      this.send({ kind: "instance-ended", instance: command.instance, failure: undefined });
    });
  }

  #dispatch(command: Extract<Command, { kind: "dispatch" }>): void {
    const instance = this.#instances.get(command.instance);
    const record = this.#waiting(command.invocation);
    if (instance?.state !== "ready") throw new Error("dispatched to an instance that is not ready");
    if (instance.demand.name !== record.function)
      throw new Error("dispatched to another function's instance");
    if (instance.running.size >= instance.demand.concurrency)
      throw new Error("dispatched beyond the concurrency");
    record.outcome = "running";
    record.dispatched = this.now;
    record.cold = command.cold;
    instance.running.add(command.invocation);
    const isLost = this.#random.next() < this.#behaviour.failures;
    this.#schedule(this.now + this.#behaviour.serviceTime(this.#random, record.function), () => {
      if (!instance.running.has(command.invocation)) return;
      if (isLost) this.#lose(command.instance, instance);
      else this.#finish(command.invocation, command.instance, instance);
    });
  }

  #finish(invocation: InvocationNumber, number: InstanceNumber, instance: LiveInstance): void {
    instance.running.delete(invocation);
    const record = this.invocations.get(invocation);
    if (record?.outcome !== "running") throw new Error("finished what does not run");
    record.outcome = "finished";
    record.finished = this.now;
    const isInstanceLost = instance.state === "dying";
    this.send({ kind: "invocation-finished", invocation, instance: number, isInstanceLost });
  }

  /** The instance dies: its invocations are reported as finished, then its end. */
  #lose(number: InstanceNumber, instance: LiveInstance): void {
    instance.state = "dying";
    for (const invocation of instance.running) this.#finish(invocation, number, instance);
    this.#instances.delete(number);
    this.send({
      kind: "instance-ended",
      instance: number,
      failure: { code: "function-crashed", message: "died" },
    });
  }

  /** The record of an invocation that may be dispatched or refused: each only once (D1). */
  #waiting(invocation: InvocationNumber): VirtualInvocation {
    const record = this.invocations.get(invocation);
    if (record?.outcome !== "waiting") throw new Error(`invocation ${invocation} was served twice (D1)`);
    return record;
  }

  /** I2, from the shell's own books. */
  #checkCapacity(): void {
    for (const machine of this.#machines) {
      let [cores, memory, instances, starts] = [0, 0, 0, 0];
      for (const instance of this.#instances.values()) {
        if (instance.machine !== machine) continue;
        memory += instance.demand.memory;
        instances++;
        if (instance.state === "starting") starts++;
        if (instance.state === "starting" || instance.running.size > 0) cores += instance.demand.cores;
      }
      const isOver = cores > machine.cores + 1e-6 || memory > machine.memory || instances > machine.instances;
      if (isOver || starts > machine.starts) {
        throw new Error(
          `machine ${machine.name} is over its capacity: ${cores} cores, ${memory} B, ${instances} instances`,
        );
      }
    }
  }

  #schedule(at: number, action: () => void): void {
    this.#agenda.push({ at, sequence: this.#sequence++, action });
  }
}
