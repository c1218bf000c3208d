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

/** What is used of a machine; `isQuiet` where every instance on it is idle. */
interface Usage {
  readonly machine: MachineCapacity;
  readonly cores: number;
  readonly memory: number;
  readonly instances: number;
  readonly starts: number;
  readonly isQuiet: boolean;
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
  readonly #counts = new Map<FunctionName, number>();
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
    this.#checkService();
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

  #usages(): readonly Usage[] {
    return this.#machines.map((machine) => {
      const usage = { machine, cores: 0, memory: 0, instances: 0, starts: 0, isQuiet: true };
      for (const instance of this.#instances.values()) {
        if (instance.machine !== machine) continue;
        const isStarting = instance.state === "starting";
        usage.memory += instance.demand.memory;
        usage.instances++;
        if (isStarting) usage.starts++;
        if (isStarting || instance.running.size > 0) usage.cores += instance.demand.cores;
        if (instance.state !== "ready" || instance.running.size > 0) usage.isQuiet = false;
      }
      return usage;
    });
  }

  /** I2, from the shell's own books. */
  #checkCapacity(): void {
    for (const { machine, cores, memory, instances, starts } of this.#usages()) {
      const isOver = cores > machine.cores + 1e-6 || memory > machine.memory || instances > machine.instances;
      if (isOver || starts > machine.starts) {
        throw new Error(
          `machine ${machine.name} is over its capacity: ${cores} cores, ${memory} B, ${instances} instances`,
        );
      }
    }
    const counts = new Map<FunctionName, number>();
    for (const { demand } of this.#instances.values())
      counts.set(demand.name, (counts.get(demand.name) ?? 0) + 1);
    for (const [name, count] of counts) this.#checkInstanceLimit(name, count);
  }

  /** A limit that was lowered binds what starts from then on. */
  #checkInstanceLimit(name: FunctionName, count: number): void {
    const most = this.#demands.get(name)?.maxInstances ?? Infinity;
    const before = this.#counts.get(name) ?? 0;
    this.#counts.set(name, count);
    if (count > most && count > before)
      throw new Error(`${name} has ${count} instances, its limit is ${most} (I2)`);
  }

  /** D3 where no other function could hold anything, and that work never waits while nothing is going on. */
  #checkService(): void {
    const waiting = new Set<FunctionName>();
    for (const record of this.invocations.values())
      if (record.outcome === "waiting") waiting.add(record.function);
    if (waiting.size === 0) return;
    const usages = this.#usages();
    if (usages.every(({ isQuiet }) => isQuiet) && !this.#isAnyProvisioned())
      throw new Error(`${[...waiting].join(", ")} wait while nothing is going on (D3)`);
    const [name, ...others] = waiting;
    const demand = name === undefined ? undefined : this.#demands.get(name);
    if (demand !== undefined && others.length === 0) this.#checkOnlyWaiting(demand, usages);
  }

  #isAnyProvisioned(): boolean {
    return [...this.#demands.values()].some(({ provisioned }) => provisioned > 0);
  }

  #checkOnlyWaiting(demand: FunctionDemand, usages: readonly Usage[]): void {
    const own = [...this.#instances.values()].filter((instance) => instance.demand.name === demand.name);
    const live = own.filter(
      ({ state, demand: { revision } }) =>
        (state === "starting" || state === "ready") && revision === demand.revision,
    );
    for (const { state, machine, running } of live) {
      const usage = usages.find((candidate) => candidate.machine === machine);
      const hasRoom =
        running.size > 0
          ? running.size < demand.concurrency
          : (usage?.cores ?? 0) + demand.cores <= machine.cores;
      if (state === "ready" && hasRoom)
        throw new Error(`${demand.name} waits while an instance of it has room (D3)`);
    }
    if (live.length > 0 || own.length >= demand.maxInstances) return;
    for (const { machine, cores, memory, instances, starts } of usages) {
      if (
        cores + demand.cores <= machine.cores &&
        memory + demand.memory <= machine.memory &&
        instances < machine.instances &&
        starts < machine.starts
      )
        throw new Error(`${demand.name} waits while it could start on ${machine.name} (D3)`);
    }
  }

  #schedule(at: number, action: () => void): void {
    this.#agenda.push({ at, sequence: this.#sequence++, action });
  }
}
