/**
 * Clocks that are set in memory: two cores, one uncore, three steps each.
 */
import {
  type ClockOutcome,
  type ClockPort,
  type ClockReading,
  gigahertz,
  type Hertz,
  type MachineClocks,
} from "@frugal/core";

export const fakeSteps = [1, 2, 3].map(gigahertz);

export class FakeClocks implements ClockPort {
  readonly clocks: MachineClocks = {
    core: [0, 1].map((cpu) => ({ id: cpu, cpus: [cpu], socket: 0, steps: fakeSteps })),
    uncore: [{ id: 0, cpus: [0, 1], socket: 0, steps: fakeSteps }],
  };
  readonly core = { kind: "available", driver: "fake" } as const;
  readonly uncore = { kind: "available", driver: "fake" } as const;
  /** What was done, in order: `core 0 2`, `restore`, `close`. */
  readonly log: string[] = [];
  outcome: ClockOutcome = { kind: "set" };
  readonly #now = new Map<string, Hertz>();

  setCore(domain: number, clock: Hertz): ClockOutcome {
    return this.#set(`core ${domain}`, clock);
  }

  setUncore(domain: number, clock: Hertz): ClockOutcome {
    return this.#set(`uncore ${domain}`, clock);
  }

  readCore(domain: number): ClockReading {
    return this.#read(`core ${domain}`);
  }

  readUncore(domain: number): ClockReading {
    return this.#read(`uncore ${domain}`);
  }

  restore(): readonly string[] {
    this.log.push("restore");
    this.#now.clear();
    return [];
  }

  close(): void {
    this.log.push("close");
  }

  #set(key: string, clock: Hertz): ClockOutcome {
    this.log.push(`${key} ${clock / gigahertz(1)}`);
    if (this.outcome.kind === "set") this.#now.set(key, clock);
    return this.outcome;
  }

  #read(key: string): ClockReading {
    const hertz = this.#now.get(key);
    return hertz === undefined ? { kind: "unavailable", reason: "never set" } : { kind: "clock", hertz };
  }
}
