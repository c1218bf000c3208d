/**
 * The kernel's CLOCK_MONOTONIC: every process of the host, and so every unit, reads the same time from it.
 */
import { largest, minus, type Seconds, seconds } from "@frugal/core";

export function monotonicNow(): Seconds {
  const [whole, nanoseconds] = process.hrtime();
  return seconds(whole + nanoseconds / 1e9);
}

/**
 * The time that has passed since `moment`, which a unit reported; at least zero. What is no time counts as now: function
 * code can send anything.
 */
export const timeSince = (moment: number, now: Seconds): Seconds =>
  Number.isFinite(moment) ? largest(seconds(0), minus(now, seconds(moment))) : seconds(0);

/** From `start` to `moment`, which a unit reported; never longer than until `now`. */
export const timeUntil = (moment: number, start: Seconds, now: Seconds): Seconds =>
  largest(seconds(0), minus(minus(now, timeSince(moment, now)), start));
