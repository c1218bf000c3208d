/**
 * What a machine can hold, and what it holds now (I2).
 *
 * An instance holds memory and an instance slot from its start until no process of it is left, and its core share while
 * it starts or executes. Reserving more than there is, or releasing more than was reserved, is a fault of the control
 * plane and throws.
 */
import { type Bytes, type Cores, FrugalError, type MachineClocks, type MachineName } from "@frugal/core";

export interface MachineCapacity {
  readonly name: MachineName;
  /** Core shares that may be in use at a time; more than the physical cores where functions mostly wait. */
  readonly cores: Cores;
  readonly memory: Bytes;
  readonly instances: number;
  /** Instances that may start at a time. Starts burn CPU throughout: more than the physical cores only slow each other. */
  readonly starts: number;
  /** Whether its shell can make snapshots and restore them. */
  readonly snapshots: boolean;
  /** Clocks that can be set; undefined where none can, or where they are left alone. */
  readonly clocks?: MachineClocks;
  /** Clocks are chosen, but nobody sets them: work runs at whatever clocks the machine has. */
  readonly isDryRun?: boolean;
  /** Whether instances can be bound to processors. */
  readonly pinning?: boolean;
}

/** What one instance takes. */
export interface Claim {
  readonly cores: Cores;
  readonly memory: Bytes;
}

/** Core shares are sums of fractions; a billionth of a core is no overload. */
const ROUNDING = 1e-9;

export class Machine {
  readonly capacity: MachineCapacity;
  #cores = 0;
  #memory = 0;
  #instances = 0;
  #starting = 0;
  /** Memory and slots of instances that are being stopped: still held, soon free. */
  #leavingMemory = 0;
  #leavingInstances = 0;

  constructor(capacity: MachineCapacity) {
    this.capacity = capacity;
  }

  /** Zero also where only a rounding error is left. */
  get freeCores(): number {
    const free = this.capacity.cores - this.#cores;
    return free > ROUNDING ? free : 0;
  }

  get usage(): { readonly cores: number; readonly memory: number; readonly instances: number } {
    return { cores: this.#cores, memory: this.#memory, instances: this.#instances };
  }

  /** Whether an empty machine could hold one such instance. */
  couldHold(claim: Claim): boolean {
    return (
      claim.cores <= this.capacity.cores + ROUNDING &&
      claim.memory <= this.capacity.memory &&
      this.capacity.instances >= 1
    );
  }

  hasCores(claim: Claim): boolean {
    return this.#cores + claim.cores <= this.capacity.cores + ROUNDING;
  }

  get canStart(): boolean {
    return this.#starting < this.capacity.starts;
  }

  /** Whether memory and an instance slot are free for one more. */
  hasRoom(claim: Claim): boolean {
    return this.#memory + claim.memory <= this.capacity.memory && this.#instances < this.capacity.instances;
  }

  /** Memory and slots that are missing for one more, after those that are leaving have gone; zero or less means none. */
  shortage(claim: Claim): { readonly memory: number; readonly instances: number } {
    return {
      memory: this.#memory - this.#leavingMemory + claim.memory - this.capacity.memory,
      instances: this.#instances - this.#leavingInstances + 1 - this.capacity.instances,
    };
  }

  /** An instance starts here. */
  admit(claim: Claim): void {
    if (!this.hasRoom(claim) || !this.canStart)
      throw this.#fault("an instance was started without room for it");
    this.#memory += claim.memory;
    this.#instances++;
    this.#starting++;
  }

  /** A start is over, whether it succeeded or not. */
  endStart(): void {
    this.#starting--;
    if (this.#starting < 0) throw this.#fault("a start ended twice");
  }

  markLeaving(claim: Claim): void {
    this.#leavingMemory += claim.memory;
    this.#leavingInstances++;
  }

  discharge(claim: Claim, wasLeaving: boolean): void {
    this.#memory -= claim.memory;
    this.#instances--;
    if (wasLeaving) {
      this.#leavingMemory -= claim.memory;
      this.#leavingInstances--;
    }
    if (this.#memory < 0 || this.#instances < 0) throw this.#fault("an instance was released twice");
  }

  occupy(claim: Claim): void {
    if (!this.hasCores(claim)) throw this.#fault("cores were used that are not there");
    this.#cores += claim.cores;
  }

  vacate(claim: Claim): void {
    this.#cores -= claim.cores;
    if (this.#cores < -ROUNDING) throw this.#fault("cores were released twice");
  }

  #fault(what: string): FrugalError {
    return new FrugalError("internal", `Capacity of machine "${this.capacity.name}" is wrong: ${what}`, {
      details: { capacity: this.capacity, usage: this.usage },
    });
  }
}
