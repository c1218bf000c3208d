import { type Clock, milliseconds } from "@frugal/core";
import { monotonicNow } from "../src/host/monotonic-clock.ts";

/** Real time for tests that compare times with each other; its timers never fire. */
export const realClock: Clock = {
  now: monotonicNow,
  wall: () => milliseconds(Date.now()),
  at: () => () => undefined,
};
