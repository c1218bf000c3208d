/**
 * A clock of the host as its driver offers it, and the search for clocks of one kind.
 */
import type { ClockDomain, ClockReading, Hertz } from "@frugal/core";
import type { ClockChange } from "./clock-change.ts";
import { type ClockRange, rangeText, stepsWithin } from "./clock-steps.ts";
import type { ControlAccess, ControlPoint } from "./control-point.ts";

export interface HardwareClock {
  readonly domain: ClockDomain;
  /** What it is set through. */
  readonly points: readonly ControlPoint[];
  /** What must be written to set it to `clock`, in this order. */
  changesFor(clock: Hertz): readonly ClockChange[];
  read(): ClockReading;
}

/** Clocks of one kind, or why there are none. */
export type ClockSearch =
  | {
      readonly kind: "found";
      readonly driver: string;
      /** Through what they are set, for people: `scaling_setspeed`. */
      readonly means: string;
      readonly clocks: readonly HardwareClock[];
    }
  | { readonly kind: "unavailable"; readonly reason: string };

export const unavailable = (reason: string): { readonly kind: "unavailable"; readonly reason: string } => ({
  kind: "unavailable",
  reason,
});

/** The clocks of `search` that people allow: a kind that has no step left is unavailable. */
export function limitedTo(range: ClockRange, search: ClockSearch): ClockSearch {
  if (search.kind === "unavailable") return search;
  const clocks = search.clocks.map((clock): HardwareClock => ({
    ...clock,
    domain: { ...clock.domain, steps: stepsWithin(clock.domain.steps, range) },
  }));
  const excluded = clocks.findIndex(({ domain }) => domain.steps.length === 0);
  if (excluded === -1) return { ...search, clocks };
  return unavailable(
    `the configured limits allow no clock of ${search.driver}: it offers ` +
      `${rangeText(search.clocks[excluded]?.domain.steps ?? [])}; widen the limits`,
  );
}

/** The clocks of `search`, if this process may set them. */
export function settable(access: ControlAccess, search: ClockSearch): ClockSearch {
  if (search.kind === "unavailable") return search;
  for (const point of search.clocks.flatMap((clock) => clock.points)) {
    const refusal = access.refusal(point);
    if (refusal !== undefined) return unavailable(`${search.driver} may not be set: ${refusal}`);
  }
  return search;
}
