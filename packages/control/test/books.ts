/**
 * The books of the virtual shell: what lives where and what waits, and the promises of the control plane that they show to
 * be kept or broken.
 */
import type { FunctionDemand, FunctionName, InstanceNumber, InvocationNumber, StartWish } from "@frugal/core";
import type { MachineCapacity, StagePace } from "../src/index.ts";

export interface LiveInstance {
  readonly demand: FunctionDemand;
  readonly machine: MachineCapacity;
  readonly isTemplate: boolean;
  readonly wish: StartWish | undefined;
  readonly cpus: readonly number[] | undefined;
  state: "starting" | "ready" | "dying" | "stopping";
  readonly running: Set<InvocationNumber>;
}

/**
 * What is used of a machine, and what of that its running templates use, which make way for anything (T2); `isQuiet` where
 * every other instance on it is idle.
 */
interface Usage {
  readonly machine: MachineCapacity;
  readonly cores: number;
  readonly memory: number;
  readonly instances: number;
  readonly starts: number;
  readonly templates: { readonly cores: number; readonly memory: number; readonly instances: number };
  readonly isQuiet: boolean;
}

export interface VirtualInvocation {
  readonly function: FunctionName;
  readonly arrived: number;
  readonly wish: StartWish | undefined;
  outcome: "waiting" | "running" | "finished" | "refused" | "withdrawn";
  dispatched?: number;
  finished?: number;
  cold?: boolean;
  pace?: StagePace | undefined;
  code?: string;
  retryAfter?: number | undefined;
}

export class Books {
  readonly machines: readonly MachineCapacity[];
  readonly instances = new Map<InstanceNumber, LiveInstance>();
  readonly demands = new Map<FunctionName, FunctionDemand>();
  readonly invocations = new Map<InvocationNumber, VirtualInvocation>();
  readonly #counts = new Map<FunctionName, number>();

  constructor(machines: readonly MachineCapacity[]) {
    this.machines = machines;
  }

  /** Throws where a promise is broken: called when all commands of an event have been carried out. */
  check(): void {
    this.#checkCapacity();
    this.#checkService();
  }

  #usages(): readonly Usage[] {
    return this.machines.map((machine) => {
      const templates = { cores: 0, memory: 0, instances: 0 };
      const usage = { machine, cores: 0, memory: 0, instances: 0, starts: 0, templates, isQuiet: true };
      for (const instance of this.instances.values()) {
        if (instance.machine !== machine) continue;
        const isStarting = instance.state === "starting";
        usage.memory += instance.demand.memory;
        usage.instances++;
        if (isStarting) usage.starts++;
        if (isStarting || instance.running.size > 0) usage.cores += instance.demand.cores;
        if (instance.isTemplate && isStarting) {
          templates.cores += instance.demand.cores;
          templates.memory += instance.demand.memory;
          templates.instances++;
        } else if (instance.state !== "ready" || instance.running.size > 0) usage.isQuiet = false;
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
    for (const { demand, isTemplate } of this.instances.values())
      if (!isTemplate) counts.set(demand.name, (counts.get(demand.name) ?? 0) + 1);
    for (const [name, count] of counts) this.#checkInstanceLimit(name, count);
  }

  /** A limit that was lowered binds what starts from then on. */
  #checkInstanceLimit(name: FunctionName, count: number): void {
    const most = this.demands.get(name)?.maxInstances ?? Infinity;
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
    const demand = name === undefined ? undefined : this.demands.get(name);
    if (demand !== undefined && others.length === 0) this.#checkOnlyWaiting(demand, usages);
  }

  #isAnyProvisioned(): boolean {
    return [...this.demands.values()].some(({ provisioned }) => provisioned > 0);
  }

  #checkOnlyWaiting(demand: FunctionDemand, usages: readonly Usage[]): void {
    const own = [...this.instances.values()].filter(
      (instance) => instance.demand.name === demand.name && !instance.isTemplate,
    );
    const live = own.filter(
      ({ state, wish, demand: { revision } }) =>
        (state === "starting" || state === "ready") && wish === undefined && revision === demand.revision,
    );
    const waiting = [...this.invocations.values()].filter(({ outcome }) => outcome === "waiting");
    const wished = waiting.filter(({ wish }) => wish !== undefined).length;
    const starting = own.filter(({ state, wish }) => state === "starting" && wish !== undefined).length;
    const isStartOwed = wished > starting || (live.length === 0 && waiting.length > wished);
    if (waiting.length > wished) this.#checkRoomOf(demand, live, usages);
    if (!isStartOwed || own.length >= demand.maxInstances) return;
    for (const { machine, cores, memory, instances, starts, templates } of usages) {
      if (
        cores - templates.cores + demand.cores <= machine.cores &&
        memory - templates.memory + demand.memory <= machine.memory &&
        instances - templates.instances < machine.instances &&
        starts - templates.instances < machine.starts
      )
        throw new Error(`${demand.name} waits while it could start on ${machine.name} (D3, T2)`);
    }
  }

  #checkRoomOf(demand: FunctionDemand, live: readonly LiveInstance[], usages: readonly Usage[]): void {
    for (const { state, machine, running } of live) {
      const usage = usages.find((candidate) => candidate.machine === machine);
      const hasRoom =
        running.size > 0
          ? running.size < demand.concurrency
          : (usage?.cores ?? 0) - (usage?.templates.cores ?? 0) + demand.cores <= machine.cores;
      if (state === "ready" && hasRoom)
        throw new Error(`${demand.name} waits while an instance of it has room (D3)`);
    }
  }
}
