import { type EnergyQuality, type EnergyReading, joules, seconds } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { EnergySum, withoutEnergy } from "./energy-sum.ts";

const reading = (amount: number, quality: EnergyQuality): EnergyReading => ({
  kind: "energy",
  joules: joules(amount),
  source: "rapl",
  quality,
  interval: seconds(1),
  detail: "a test's",
});
const unavailable: EnergyReading = { kind: "unavailable", reason: "no meter" };

const sumOf = (...readings: readonly EnergyReading[]): EnergyReading => {
  const sum = new EnergySum();
  for (const one of readings) sum.add(one);
  return sum.reading;
};

describe("EnergySum", () => {
  it("adds joules, and is as good as the worst reading (I6)", () => {
    expect(sumOf(reading(1, "measured"), reading(2, "estimated"), reading(3, "attributed"))).toMatchObject({
      joules: 6,
      quality: "estimated",
      interval: 3,
    });
  });

  it("is unknown where a reading is, in any order, and where there is none (I6)", () => {
    expect(sumOf().kind).toBe("unavailable");
    expect(sumOf(reading(1, "measured"), unavailable)).toEqual(unavailable);
    expect(sumOf(unavailable, reading(1, "measured"))).toEqual(unavailable);
  });

  it("leaves out what used no energy here", () => {
    const stored = JSON.parse(JSON.stringify(withoutEnergy)) as typeof withoutEnergy;
    const nothing = Object.values(stored);
    expect(sumOf(...nothing)).toEqual(withoutEnergy.nothing);
    expect(sumOf(...nothing, reading(1, "measured"), ...nothing, reading(2, "measured"))).toMatchObject({
      joules: 3,
      quality: "measured",
    });
  });
});
