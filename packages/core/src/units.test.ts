import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  energyOf,
  inMebibytes,
  joules,
  largest,
  mebibytes,
  minus,
  plus,
  powerOf,
  scaled,
  seconds,
  smallest,
  watts,
} from "./units.ts";

const amount = fc.double({ min: 0, max: 1e9, noNaN: true });

describe("units", () => {
  it("energyOf() and powerOf() undo each other", () => {
    fc.assert(
      fc.property(amount, fc.double({ min: 1e-3, max: 1e6, noNaN: true }), (power, time) => {
        expect(powerOf(energyOf(watts(power), seconds(time)), seconds(time))).toBeCloseTo(power, 4);
      }),
    );
  });

  it("powerOf() refuses a time without length", () => {
    for (const time of [0, -1, NaN]) expect(() => powerOf(joules(1), seconds(time))).toThrow(RangeError);
  });

  it("calculates within one unit", () => {
    expect(plus(seconds(1), seconds(2), seconds(3))).toBe(6);
    expect(minus(seconds(5), seconds(2))).toBe(3);
    expect(scaled(seconds(5), 2)).toBe(10);
    expect([largest(seconds(1), seconds(2)), smallest(seconds(1), seconds(2))]).toEqual([2, 1]);
    expect(inMebibytes(mebibytes(3))).toBe(3);
  });
});
