import { gigahertz } from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clockPower } from "./clock-power.ts";

const top = gigahertz(2.5);

describe("clockPower", () => {
  it("is all its watts at the highest clock, and falls with the cube of the clock where the voltage follows it", () => {
    expect(clockPower({ constantWatts: 1, dynamicWatts: 8, voltageFloor: 0.3 }, top, top)).toBe(9);
    expect(clockPower({ constantWatts: 1, dynamicWatts: 8, voltageFloor: 0 }, gigahertz(1.25), top)).toBe(2);
    expect(clockPower({ constantWatts: 1, dynamicWatts: 8, voltageFloor: 1 }, gigahertz(1.25), top)).toBe(5);
  });

  it("never decreases with the clock (S1)", () => {
    const amount = fc.double({ min: 0, max: 100, noNaN: true });
    const power = fc.record({
      constantWatts: amount,
      dynamicWatts: amount,
      voltageFloor: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const clock = fc.double({ min: 0.1, max: 2.5, noNaN: true }).map(gigahertz);
    fc.assert(
      fc.property(power, clock, clock, (each, a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        expect(clockPower(each, low, top)).toBeLessThanOrEqual(clockPower(each, high, top));
      }),
    );
  });
});
