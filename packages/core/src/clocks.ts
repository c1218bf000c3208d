/**
 * Clocks of a machine, as the control plane, the drivers and the simulator speak of them: which there are, what they can be
 * set to, and the port through which they are set.
 *
 * A clock domain is a set of processors that have one clock: a core (or a cluster of cores), or a socket's uncore (caches, mesh
 * and memory controller).
 */
import type { Hertz } from "./units.ts";

/** A clock that is set as one. `steps` are the clocks that it can be asked for, ascending, one at least. */
export interface ClockDomain {
  /** Unique among the machine's domains of this kind; what commands name. */
  readonly id: number;
  /** Logical processors that it concerns, ascending. */
  readonly cpus: readonly number[];
  readonly socket: number;
  readonly steps: readonly Hertz[];
}

/** A machine's clocks. A kind of clock that cannot be set here has no domains. */
export interface MachineClocks {
  readonly core: readonly ClockDomain[];
  readonly uncore: readonly ClockDomain[];
}

/** What a clock is: `hertz` as the hardware or its driver tells it, not as it was asked for. */
export type ClockReading =
  | { readonly kind: "clock"; readonly hertz: Hertz }
  | { readonly kind: "unavailable"; readonly reason: string };

/** Whether what was asked for is in force. `dry-run`: it was noted, and nothing was changed. */
export type ClockOutcome =
  | { readonly kind: "set" }
  | { readonly kind: "dry-run" }
  | { readonly kind: "failed"; readonly reason: string };

/** A kind of clock on a host: to be had, or not, with the reason and what that costs. */
export type ClockAvailability =
  | { readonly kind: "available"; readonly driver: string }
  | { readonly kind: "unavailable"; readonly reason: string };

/** Sets and reads the clocks of one machine. Every clock that was set is as it was before after `restore` (I3). */
export interface ClockPort {
  readonly clocks: MachineClocks;
  readonly core: ClockAvailability;
  readonly uncore: ClockAvailability;
  /** `clock` is one of the domain's steps; a RangeError where the domain or the step does not exist. */
  setCore(domain: number, clock: Hertz): ClockOutcome;
  setUncore(domain: number, clock: Hertz): ClockOutcome;
  readCore(domain: number): ClockReading;
  readUncore(domain: number): ClockReading;
  /** Puts back every clock that was changed; what could not be put back, one sentence each. Idempotent. */
  restore(): readonly string[];
  /** Restores, and lets go of the hardware. */
  close(): void;
}

/** The domain `id` of `domains`; a RangeError where there is none, or where `clock` is given and no step of it. */
export function clockDomainOf(domains: readonly ClockDomain[], id: number, clock?: Hertz): ClockDomain {
  const domain = domains.find((each) => each.id === id);
  if (domain === undefined) throw new RangeError(`No clock domain ${id} among ${domains.length}`);
  if (clock !== undefined && !domain.steps.includes(clock))
    throw new RangeError(`Clock domain ${id} has no step of ${clock} Hz`);
  return domain;
}

/** The clocks of the stages that a machine runs: every pair of a core and an uncore clock. */
export interface ClockGrid {
  /** Ascending, one at least. */
  readonly core: readonly Hertz[];
  /** Ascending; empty where the uncore clock cannot be set. */
  readonly uncore: readonly Hertz[];
}

/** One choice: `uncore` is undefined where it cannot be set. */
export interface ClockSetting {
  readonly core: Hertz;
  readonly uncore: Hertz | undefined;
}

/** Settings in a grid. The setting with core clock `c` and uncore clock `u` has the number `c * max(1, uncore.length) + u`. */
export const gridSize = ({ core, uncore }: ClockGrid): number => core.length * Math.max(1, uncore.length);

/** The setting of number `index`; a RangeError where there is none. */
export function gridSetting({ core, uncore }: ClockGrid, index: number): ClockSetting {
  const width = Math.max(1, uncore.length);
  const clock = core[Math.floor(index / width)];
  if (clock === undefined || index < 0)
    throw new RangeError(`No setting ${index} in a grid of ${core.length * width}`);
  return { core: clock, uncore: uncore[index % width] };
}
