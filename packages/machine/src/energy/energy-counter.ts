/**
 * Counters are not amounts: a raw counter says nothing until it is compared with an earlier one, and it may wrap.
 *
 * Invariants (cited by the tests):
 *   C1  the difference is what was counted between the two, also across one wrap-around
 *   C2  a counter that goes backwards and has no range was reset: no difference is made up
 */
import { type Joules, joulesFromMicrojoules } from "@frugal/core";

export interface EnergyCounter {
  /** Microjoules since an arbitrary start. */
  readonly raw: bigint;
  /** Microjoules at which the counter starts again from 0; 0 where it has no known range. */
  readonly wrapsAt: bigint;
}

export type CounterDelta = { readonly kind: "counted"; readonly energy: Joules } | { readonly kind: "reset" };

/** What `after` counted since `before`. More than one wrap-around cannot be seen: read often enough. */
export function counterDelta(before: EnergyCounter, after: EnergyCounter): CounterDelta {
  const difference = after.raw - before.raw;
  if (difference >= 0n) return { kind: "counted", energy: joulesFromMicrojoules(Number(difference)) };
  const wrapped = difference + after.wrapsAt;
  if (wrapped < 0n) return { kind: "reset" };
  return { kind: "counted", energy: joulesFromMicrojoules(Number(wrapped)) };
}

/** The counter in a file's text: a plain number of microjoules; undefined where it is anything else. */
export const parseCounter = (text: string): bigint | undefined =>
  /^\d+$/.test(text) ? BigInt(text) : undefined;
