/**
 * Time as a port. Decisions take `now` as an argument; what must wait takes a `Clock`.
 */
import type { Seconds } from "../units.ts";

export interface Clock {
  /** Monotonic time since an arbitrary start. For durations and decisions. */
  now(): Seconds;
  /** Time since 1970-01-01 UTC; may jump. For what people read. */
  wall(): Seconds;
  /** Calls `action` once, not before `time` (monotonic); the result cancels it. */
  at(time: Seconds, action: () => void): () => void;
}
