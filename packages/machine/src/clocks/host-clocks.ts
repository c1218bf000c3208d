/**
 * The clocks of this host as a port: what was found, set through what the mode allows.
 */
import {
  type ClockAvailability,
  clockDomainOf,
  type ClockOutcome,
  type ClockPort,
  type ClockReading,
  type Hertz,
  type MachineClocks,
} from "@frugal/core";
import type { ClockChange } from "./clock-change.ts";
import type { ClocksFound } from "./find-clocks.ts";
import type { ClockSearch, HardwareClock } from "./hardware-clock.ts";

/** What becomes of wishes. */
export interface ClockHands {
  apply(changes: readonly ClockChange[]): ClockOutcome;
  /** What could not be put back, one sentence each. */
  restore(): readonly string[];
  /** Somebody else may set the clocks from now on. */
  release(): void;
}

export class HostClocks implements ClockPort {
  readonly clocks: MachineClocks;
  readonly core: ClockAvailability;
  readonly uncore: ClockAvailability;
  readonly #coreClocks: readonly HardwareClock[];
  readonly #uncoreClocks: readonly HardwareClock[];
  readonly #hands: ClockHands;
  readonly #report: (problem: string) => void;
  /** What each clock was set to last, to write nothing for a wish that is in force. */
  readonly #inForce = new Map<HardwareClock, Hertz>();
  #isClosed = false;

  constructor(found: ClocksFound, hands: ClockHands, report: (problem: string) => void) {
    this.#coreClocks = clocksOf(found.core);
    this.#uncoreClocks = clocksOf(found.uncore);
    this.clocks = { core: domainsOf(this.#coreClocks), uncore: domainsOf(this.#uncoreClocks) };
    this.core = availabilityOf(found.core);
    this.uncore = availabilityOf(found.uncore);
    this.#hands = hands;
    this.#report = report;
  }

  setCore(domain: number, clock: Hertz): ClockOutcome {
    return this.#set(clockOf(this.#coreClocks, domain, clock), clock);
  }

  setUncore(domain: number, clock: Hertz): ClockOutcome {
    return this.#set(clockOf(this.#uncoreClocks, domain, clock), clock);
  }

  readCore(domain: number): ClockReading {
    return clockOf(this.#coreClocks, domain).read();
  }

  readUncore(domain: number): ClockReading {
    return clockOf(this.#uncoreClocks, domain).read();
  }

  restore(): readonly string[] {
    this.#inForce.clear();
    return this.#hands.restore();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const problem of this.restore()) this.#report(problem);
    this.#hands.release();
  }

  #set(hardware: HardwareClock, clock: Hertz): ClockOutcome {
    if (this.#isClosed) return { kind: "failed", reason: "the clocks were let go of" };
    if (this.#inForce.get(hardware) === clock) return { kind: "set" };
    const outcome = this.#hands.apply(hardware.changesFor(clock));
    if (outcome.kind === "set") this.#inForce.set(hardware, clock);
    else this.#inForce.delete(hardware);
    return outcome;
  }
}

const clocksOf = (search: ClockSearch): readonly HardwareClock[] =>
  search.kind === "found" ? search.clocks : [];

const domainsOf = (clocks: readonly HardwareClock[]): MachineClocks["core"] =>
  clocks.map(({ domain }) => domain);

const availabilityOf = (search: ClockSearch): ClockAvailability =>
  search.kind === "found" ? { kind: "available", driver: search.driver } : search;

function clockOf(clocks: readonly HardwareClock[], id: number, clock?: Hertz): HardwareClock {
  const domain = clockDomainOf(domainsOf(clocks), id, clock);
  const hardware = clocks.find((each) => each.domain === domain);
  if (hardware === undefined) throw new RangeError(`No clock domain ${id}`);
  return hardware;
}
