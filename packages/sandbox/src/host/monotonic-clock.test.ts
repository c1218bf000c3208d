import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seconds } from "@frugal/core";
import { monotonicNow, timeSince, timeUntil } from "./monotonic-clock.ts";

const time = fc.double({ min: 0, max: 1e7, noNaN: true }).map(seconds);
/** What function code may send in place of a time. */
const anything = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity));

describe("moments that a unit reports", () => {
  it("are where they happened, if they can be true", () => {
    fc.assert(
      fc.property(time, time, time, (start, toMoment, toNow) => {
        const moment = start + toMoment;
        const now = seconds(moment + toNow);
        expect(timeSince(moment, now)).toBeCloseTo(toNow, 3);
        expect(timeUntil(moment, start, now)).toBeCloseTo(toMoment, 3);
      }),
    );
  });

  it("never lie before the start or after now, whatever is sent", () => {
    fc.assert(
      fc.property(anything, time, time, (moment, start, toNow) => {
        const now = seconds(start + toNow);
        expect(timeSince(moment, now)).toBeGreaterThanOrEqual(0);
        expect(timeUntil(moment, start, now)).toBeGreaterThanOrEqual(0);
        expect(timeUntil(moment, start, now)).toBeLessThanOrEqual(now - start);
      }),
    );
  });

  it("are read from a clock that never runs backwards (I6)", () => {
    const first = monotonicNow();
    expect(monotonicNow()).toBeGreaterThanOrEqual(first);
  });
});
