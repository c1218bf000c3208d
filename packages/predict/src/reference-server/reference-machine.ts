/**
 * The reference machine: a server that stands for machines whose power and clocks nobody has measured, and is what simulated machines are.
 *
 * A machine's power is its static power, its uncores' (by their clocks, busy or not) and that of each busy core (by its clock,
 * whatever it does). Nothing else costs: sleeping cores and memory traffic are in the static power.
 *
 * Invariants (cited by the tests):
 *   S1  power never decreases with a clock, and time never increases with one
 *   S2  at the highest clocks an execution takes as long as it takes (`stretch` is 1)
 */
import {
  type ClockGrid,
  type ClockSetting,
  type Hertz,
  hertz,
  plus,
  scaled,
  type Watts,
  watts,
} from "@frugal/core";
import { clockPower, type ClockPower } from "./clock-power.ts";
import type { ClockRange, ReferenceClocks, WorkClass } from "./reference-clocks.ts";
import { stretch, type TimeShares } from "./time-shares.ts";

export class ReferenceMachine {
  readonly sockets: number;
  readonly coresPerSocket: number;
  readonly grid: ClockGrid;
  /** The highest of both clocks. */
  readonly highest: { readonly core: Hertz; readonly uncore: Hertz };
  /** Of the whole machine with all cores asleep, its uncores apart. */
  readonly staticPower: Watts;
  readonly classes: readonly WorkClass[];
  /** Of work that nothing is known of. */
  readonly defaultShares: TimeShares;
  readonly #clocks: ReferenceClocks;

  constructor(clocks: ReferenceClocks) {
    this.#clocks = clocks;
    this.sockets = clocks.sockets;
    this.coresPerSocket = clocks.coresPerSocket;
    this.grid = { core: stepsOf(clocks.coreClocks), uncore: stepsOf(clocks.uncoreClocks) };
    this.highest = {
      core: hertz(clocks.coreClocks.highestHertz),
      uncore: hertz(clocks.uncoreClocks.highestHertz),
    };
    this.staticPower = watts(clocks.sockets * clocks.staticWattsPerSocket);
    this.classes = clocks.classes;
    this.defaultShares = clocks.defaultShares;
  }

  /** What to believe of a machine like it before anything was measured there. */
  get prior(): {
    readonly shares: TimeShares;
    readonly core: ClockPower;
    readonly uncore: ClockPower;
  } {
    const { core, uncore } = this.#clocks;
    return { shares: this.defaultShares, core, uncore };
  }

  /** Of one busy core. */
  corePower(clock: Hertz): Watts {
    return clockPower(this.#clocks.core, clock, this.highest.core);
  }

  /** Of one socket's uncore. */
  uncorePower(clock: Hertz): Watts {
    return clockPower(this.#clocks.uncore, clock, this.highest.uncore);
  }

  /** Above the static power, of an execution that keeps `busyCores` busy and has a socket's uncore for itself. */
  executionPower(busyCores: number, { core, uncore = this.highest.uncore }: ClockSetting): Watts {
    return plus(scaled(this.corePower(core), busyCores), this.uncorePower(uncore));
  }

  /** How many times as long as at the highest clocks work of these shares takes. */
  stretch(shares: TimeShares, setting: ClockSetting): number {
    return stretch(shares, setting, this.highest);
  }
}

/** Whole multiples of the step, so that each clock is the same number whoever counts it up. */
function stepsOf({ lowestHertz, highestHertz, stepHertz }: ClockRange): readonly Hertz[] {
  const first = Math.ceil(lowestHertz / stepHertz);
  const last = Math.floor(highestHertz / stepHertz);
  return Array.from({ length: last - first + 1 }, (_, i) => hertz((first + i) * stepHertz));
}
