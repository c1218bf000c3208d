/**
 * The contract of every energy meter (M1 to M4 of `energy-meter.ts`).
 */
import {
  type EnergyAmount,
  type EnergyReading,
  type Joules,
  plus,
  type Seconds,
  seconds,
} from "@frugal/core";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EnergyMeter } from "../src/energy/energy-meter.ts";
import type { FakeClock } from "./fake-clock.ts";
import { reasonOf } from "./reason-of.ts";

/** A meter with the host that it reads. */
export interface MeterRig {
  readonly meter: EnergyMeter;
  readonly clock: FakeClock;
  /** Lets the host draw energy at `level` (0 to 1) for `time`, the clock included; returns what the meter must report for it. */
  draw(time: Seconds, level: number): Joules;
  /** Makes the meter's source unreadable. */
  breakSource(): void;
  repairSource(): void;
  dispose(): void;
}

export interface MeterFacts {
  readonly source: EnergyAmount["source"];
  readonly quality: EnergyAmount["quality"];
}

export function describeEnergyMeter(name: string, facts: MeterFacts, makeRig: () => MeterRig): void {
  describe(`${name} as an energy meter`, () => {
    let rig: MeterRig;
    beforeEach(() => {
      rig = makeRig();
    });
    afterEach(() => {
      rig.meter.close();
      rig.dispose();
    });

    it("covers no time at the first call and says what it reads (M2, M4)", () => {
      const first = amountOf(rig.meter.measure());
      expect(first).toMatchObject({ joules: 0, interval: 0, ...facts });
      expect(first.detail).not.toBe("");
      expect(rig.meter.description).not.toBe("");
    });

    it("covers no time at a second call at the same instant, and loses nothing by it (M2)", () => {
      rig.meter.measure();
      const drawn = rig.draw(seconds(1), 0.5);
      expect(amountOf(rig.meter.measure()).joules).toBeCloseTo(drawn, 3);
      expect(amountOf(rig.meter.measure())).toMatchObject({ joules: 0, interval: 0 });
      const next = rig.draw(seconds(1), 0.5);
      expect(amountOf(rig.meter.measure()).joules).toBeCloseTo(next, 3);
    });

    it("reports what was drawn, never less than nothing, over intervals that add up (M1, M2)", () => {
      const step = fc.record({
        hundredths: fc.integer({ min: 10, max: 500 }),
        level: fc.double({ min: 0, max: 1, noNaN: true }),
      });
      fc.assert(
        fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
          rig.meter.measure();
          const start = rig.clock.elapsed;
          let covered = seconds(0);
          for (const { hundredths, level } of steps) {
            const drawn = rig.draw(seconds(hundredths / 100), level);
            const amount = amountOf(rig.meter.measure());
            expect(amount.joules).toBeGreaterThanOrEqual(0);
            expect(amount.joules).toBeCloseTo(drawn, 3);
            covered = plus(covered, amount.interval);
          }
          expect(covered).toBeCloseTo(rig.clock.elapsed - start, 6);
        }),
        { numRuns: 20 },
      );
    });

    it("says why where it cannot be read, and works again afterwards (M1, M3)", () => {
      rig.meter.measure();
      rig.draw(seconds(1), 0.5);
      rig.meter.measure();
      rig.breakSource();
      rig.clock.advance(seconds(1));
      const broken = rig.meter.measure();
      expect(reasonOf(broken)).toMatch(/\S/);

      rig.repairSource();
      rig.draw(seconds(1), 0.5);
      expect(amountOf(rig.meter.measure()).interval).toBeLessThanOrEqual(2);
      const drawn = rig.draw(seconds(1), 0.5);
      expect(amountOf(rig.meter.measure()).joules).toBeCloseTo(drawn, 3);
    });
  });
}

function amountOf(reading: EnergyReading): EnergyAmount {
  if (reading.kind === "unavailable") throw new Error(`No amount: ${reading.reason}`);
  return reading;
}
