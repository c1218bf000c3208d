/**
 * The clock of the running system.
 */
import { type Clock, inMilliseconds, minus, milliseconds } from "@frugal/core";

/** setTimeout fires at once above this; longer waits are cut into pieces. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => milliseconds(performance.now()),
  wall: () => milliseconds(Date.now()),
  at(time, action) {
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const left = Math.ceil(inMilliseconds(minus(time, systemClock.now())));
      timer = setTimeout(
        left > LONGEST_TIMEOUT_MS ? arm : action,
        Math.min(Math.max(left, 0), LONGEST_TIMEOUT_MS),
      );
    };
    arm();
    return () => {
      clearTimeout(timer);
    };
  },
};
