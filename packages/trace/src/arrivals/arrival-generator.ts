/**
 * Arrival generator: where in a minute the invocations fall that a trace counted in it.
 *
 * A trace of counts per minute does not tell; each generator is one assumption. All keep the counts: every invocation of
 * a minute falls into that minute, so that totals are exactly the trace's.
 */
import type { Random } from "@frugal/core";

export interface ArrivalGenerator {
  /** The assumption, for people who choose. */
  readonly summary: string;
  /** Starts one function's arrivals; whatever it draws comes from `random`, the function's own stream. */
  start(random: Random): MinuteGenerator;
}

/** `count` places in a minute, in order, as shares of the minute, 0 to 1. Called minute by minute. */
export type MinuteGenerator = (count: number) => Float64Array;
