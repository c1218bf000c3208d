/**
 * The virtual shell's books of clocks: what every domain was set to, who runs on it, and whether the one fits the other (P1).
 */
import type { Hertz, InstanceNumber, InvocationNumber, MachineName } from "@frugal/core";
import type { Command, MachineCapacity, StagePace } from "../src/index.ts";

/** A clock may stay up for so long after the last one who asked for it, rounding included. */
const LINGER = 0.0101;

type Kind = "core" | "uncore";

interface Holder {
  readonly machine: MachineCapacity;
  readonly cpus: readonly number[] | undefined;
  /** Undefined: it starts, and takes what it can get. */
  readonly clocks: StagePace["clocks"] | undefined;
}

export class ClockBooks {
  /** Whether the policy sets clocks by what stages ask for; else only the steps are checked. */
  readonly #isByRequest: boolean;
  readonly #machines = new Map<MachineName, MachineCapacity>();
  readonly #set = new Map<string, Hertz>();
  /** Since when clocks are higher than what is asked of them. */
  readonly #highSince = new Map<string, number>();
  readonly #starting = new Map<InstanceNumber, Holder>();
  readonly #running = new Map<InvocationNumber, Holder>();

  constructor(isByRequest: boolean) {
    this.#isByRequest = isByRequest;
  }

  join(machine: MachineCapacity): void {
    this.#machines.set(machine.name, machine);
  }

  started(number: InstanceNumber, machine: MachineCapacity, cpus: readonly number[] | undefined): void {
    this.#starting.set(number, { machine, cpus, clocks: undefined });
  }

  /** Its start is over. */
  settled(number: InstanceNumber): void {
    this.#starting.delete(number);
  }

  dispatched(invocation: InvocationNumber, holder: Holder): void {
    this.#running.set(invocation, holder);
  }

  finished(invocation: InvocationNumber): void {
    this.#running.delete(invocation);
  }

  set({
    machine,
    domain,
    clock,
    kind,
  }: Extract<Command, { kind: "set-core-clock" | "set-uncore-clock" }>): void {
    const of = kind === "set-core-clock" ? "core" : "uncore";
    const found = this.#machines.get(machine)?.clocks?.[of].find(({ id }) => id === domain);
    if (found === undefined) throw new Error(`set the ${of} clock of a domain that ${machine} does not have`);
    if (!found.steps.includes(clock))
      throw new Error(`set a clock that is no step of domain ${domain}: ${clock}`);
    const key = keyOf(machine, of, domain);
    if (this.#set.get(key) === clock)
      throw new Error(`set the ${of} clock of domain ${domain} to what it was`);
    this.#set.set(key, clock);
  }

  clockOf(machine: MachineName | undefined, kind: Kind, domain: number): Hertz | undefined {
    return machine === undefined ? undefined : this.#set.get(keyOf(machine, kind, domain));
  }

  /**
   * Throws where a clock is lower than anybody on its domain asks for, or stays higher than all ask for, or than the lowest where
   * nobody does.
   */
  check(now: number): void {
    if (!this.#isByRequest) return;
    for (const machine of this.#machines.values()) {
      this.#checkKind(machine, "core", now);
      this.#checkKind(machine, "uncore", now);
    }
  }

  #checkKind(machine: MachineCapacity, kind: Kind, now: number): void {
    for (const { id, cpus, steps } of machine.clocks?.[kind] ?? []) {
      const asked = [...this.#starting.values(), ...this.#running.values()]
        .filter((holder) => holder.machine === machine)
        .filter((holder) => holder.cpus === undefined || holder.cpus.some((cpu) => cpus.includes(cpu)))
        .map(({ clocks }) => (clocks === undefined ? steps.at(-1) : clocks[kind]) ?? 0);
      const wanted = Math.max(steps[0] ?? 0, ...asked);
      const key = keyOf(machine.name, kind, id);
      const set = this.#set.get(key) ?? 0;
      const since = set > wanted ? (this.#highSince.get(key) ?? now) : undefined;
      if (since === undefined) this.#highSince.delete(key);
      else this.#highSince.set(key, since);
      if (set < wanted || (since !== undefined && now - since > LINGER))
        throw new Error(`the ${kind} clock of ${machine.name}/${id} is ${set}, ${wanted} is asked for (P1)`);
    }
  }
}

const keyOf = (machine: MachineName, kind: Kind, domain: number): string => `${machine}/${kind}/${domain}`;
