/**
 * The clocks of a simulated machine: set at once, read as they were set.
 *
 * Until a clock is set, and again after it was restored, it is the highest of its steps: where hardware that nobody paces runs
 * under load.
 */
import {
  clockDomainOf,
  type ClockDomain,
  type ClockOutcome,
  type ClockPort,
  type ClockReading,
  type Hertz,
  type MachineClocks,
} from "@frugal/core";

export class SimulatedClocks implements ClockPort {
  readonly clocks: MachineClocks;
  readonly core: ClockPort["core"];
  readonly uncore: ClockPort["uncore"];
  readonly #core = new Map<number, Hertz>();
  readonly #uncore = new Map<number, Hertz>();
  #isClosed = false;

  constructor(clocks: MachineClocks) {
    this.clocks = clocks;
    this.core = availabilityOf(clocks.core, "core");
    this.uncore = availabilityOf(clocks.uncore, "uncore");
  }

  setCore(domain: number, clock: Hertz): ClockOutcome {
    return this.#set(this.#core, clockDomainOf(this.clocks.core, domain, clock), clock);
  }

  setUncore(domain: number, clock: Hertz): ClockOutcome {
    return this.#set(this.#uncore, clockDomainOf(this.clocks.uncore, domain, clock), clock);
  }

  readCore(domain: number): ClockReading {
    return readingOf(this.#core, clockDomainOf(this.clocks.core, domain));
  }

  readUncore(domain: number): ClockReading {
    return readingOf(this.#uncore, clockDomainOf(this.clocks.uncore, domain));
  }

  restore(): readonly string[] {
    this.#core.clear();
    this.#uncore.clear();
    return [];
  }

  close(): void {
    this.restore();
    this.#isClosed = true;
  }

  #set(clocks: Map<number, Hertz>, { id }: ClockDomain, clock: Hertz): ClockOutcome {
    if (this.#isClosed) return { kind: "failed", reason: "the clocks were let go of" };
    clocks.set(id, clock);
    return { kind: "set" };
  }
}

const availabilityOf = (domains: readonly ClockDomain[], kind: string): ClockPort["core"] =>
  domains.length > 0
    ? { kind: "available", driver: "simulated" }
    : { kind: "unavailable", reason: `this simulated machine has no ${kind} clock that can be set` };

function readingOf(clocks: ReadonlyMap<number, Hertz>, { id, steps }: ClockDomain): ClockReading {
  const hertz = clocks.get(id) ?? steps.at(-1);
  return hertz === undefined
    ? { kind: "unavailable", reason: `clock domain ${id} has no step` }
    : { kind: "clock", hertz };
}
