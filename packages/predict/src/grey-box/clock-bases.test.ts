import { gigahertz } from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ClockBases,
  fillPowerFactors,
  fillTimeFactors,
  powerFactorCount,
  powerFactorsOf,
  timeFactorCount,
} from "./clock-bases.ts";

const share = fc.double({ min: 0.1, max: 1, noNaN: true });

describe("factors", () => {
  it("fall with a clock in time, rise with it in power, and are 1 at the highest (C1)", () => {
    fc.assert(
      fc.property(share, share, share, (core, uncore, rise) => {
        const [time, fasterTime] = [new Float64Array(timeFactorCount), new Float64Array(timeFactorCount)];
        const [power, fasterPower] = [new Float64Array(powerFactorCount), new Float64Array(powerFactorCount)];
        const faster = { core: core / rise, uncore: uncore / rise };
        fillTimeFactors({ core, uncore }, time);
        fillTimeFactors(faster, fasterTime);
        fillPowerFactors({ core, uncore }, power);
        fillPowerFactors(faster, fasterPower);
        for (const [i, factor] of time.entries()) expect(fasterTime[i]).toBeLessThanOrEqual(factor);
        for (const [i, factor] of power.entries()) expect(fasterPower[i]).toBeGreaterThanOrEqual(factor);
      }),
    );
    const [time, power] = [new Float64Array(timeFactorCount), new Float64Array(powerFactorCount)];
    fillTimeFactors({ core: 1, uncore: 1 }, time);
    fillPowerFactors({ core: 1, uncore: 1 }, power);
    expect([...time, ...power]).toEqual(new Array<number>(timeFactorCount + powerFactorCount).fill(1));
  });

  it("make f V(f)^2 of any line of voltages, with weights that are not negative", () => {
    fc.assert(
      fc.property(share, fc.double({ min: 0, max: 1, noNaN: true }), (core, floor) => {
        const power = new Float64Array(powerFactorCount);
        fillPowerFactors({ core, uncore: 1 }, power);
        const weights = [floor ** 2, 2 * floor * (1 - floor), (1 - floor) ** 2];
        const sum = powerFactorsOf.core.reduce(
          (total, factor, i) => total + (weights[i] ?? 0) * (power[factor] ?? 0),
          0,
        );
        expect(sum).toBeCloseTo(core * (floor + (1 - floor) * core) ** 2, 12);
      }),
    );
  });
});

describe("ClockBases", () => {
  const bases = new ClockBases({ core: [gigahertz(1), gigahertz(2)], uncore: [] });

  it("takes clocks that are not known, or cannot be set, for the highest", () => {
    expect(bases.sharesOf(undefined)).toEqual({ core: 1, uncore: 1 });
    expect(bases.sharesOf({ core: gigahertz(1), uncore: gigahertz(1.2) })).toEqual({ core: 0.5, uncore: 1 });
    expect([...bases.uncore]).toEqual([1]);
  });

  it("wants a core clock", () => {
    expect(() => new ClockBases({ core: [], uncore: [] })).toThrow(RangeError);
  });
});
