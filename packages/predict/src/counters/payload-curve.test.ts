import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PayloadCurve } from "./payload-curve.ts";

const execution = fc.tuple(
  fc.integer({ min: 0, max: 1e7 }),
  fc.array(fc.oneof(fc.constant(NaN), fc.double({ min: 0, max: 1e9, noNaN: true })), {
    minLength: 2,
    maxLength: 2,
  }),
);
const executions = fc.array(execution, { minLength: 1, maxLength: 120 });

function curveOf(list: readonly (readonly [number, readonly number[]])[]): PayloadCurve {
  const curve = new PayloadCurve(list[0]?.[1].length ?? 0);
  for (const [payload, counters] of list) curve.observe(payload, Float64Array.from(counters));
  return curve;
}

function at(curve: PayloadCurve, payload: number): readonly number[] {
  const out = new Float64Array(curve.entries[0]?.means.length ?? 0);
  expect(curve.interpolate(payload, out)).toBe(curve.entries.length > 0);
  return [...out];
}

describe("PayloadCurve", () => {
  it("is exact at its entries (P1)", () => {
    fc.assert(
      fc.property(executions, (list) => {
        const curve = curveOf(list);
        for (const { payload, means } of curve.entries)
          expect(at(curve, payload)).toEqual(means.map((mean) => mean ?? 0));
      }),
    );
  });

  it("moves one way only between two entries (P2)", () => {
    fc.assert(
      fc.property(
        executions,
        fc.nat(30),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (list, which, share) => {
          const curve = curveOf(list);
          const low = curve.entries[which % curve.entries.length];
          const high = curve.entries[(which % curve.entries.length) + 1];
          if (low === undefined || high === undefined) return;
          const middle = low.payload + share * (high.payload - low.payload);
          const further = low.payload + ((share + 1) / 2) * (high.payload - low.payload);
          const [first, second, third, last] = [low.payload, middle, further, high.payload].map((size) =>
            at(curve, size),
          );
          for (const i of [0, 1]) {
            const steps = [first, second, third, last].map((counters) => counters?.[i] ?? NaN);
            const rounding = 1e-9 * Math.max(...steps);
            const way = Math.sign((last?.[i] ?? 0) - (first?.[i] ?? 0));
            for (let k = 1; k < 4; k++)
              expect(way * ((steps[k] ?? NaN) - (steps[k - 1] ?? NaN))).toBeGreaterThanOrEqual(-rounding);
          }
        },
      ),
    );
  });

  it("stays bounded, in order and never negative, however much it sees (P3)", () => {
    fc.assert(
      fc.property(executions, fc.integer({ min: 0, max: 1e9 }), (list, payload) => {
        const curve = curveOf(list);
        const sizes = curve.entries.map((entry) => entry.payload);
        expect(sizes.length).toBeLessThanOrEqual(32);
        expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
        for (const counter of at(curve, payload)) expect(counter).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it("goes on in a line beyond its ends, and not below zero", () => {
    const curve = curveOf([
      [1000, [10, 9]],
      [3000, [30, 1]],
    ]);
    expect(at(curve, 2000)).toEqual([20, 5]);
    expect(at(curve, 5000)).toEqual([50, 0]);
    expect(at(curve, 500)).toEqual([5, 11]);
  });

  it("aims its line by sizes a factor of two apart, not by the noise of close ones", () => {
    const curve = curveOf([
      [100_000, [100]],
      [1_000_000, [1000]],
      [1_100_000, [1300]],
    ]);
    expect(at(curve, 2_000_000)[0]).toBeCloseTo(100 + (1_900_000 * 1200) / 1_000_000, 6);
  });

  it("holds one entry's counters for every size, and knows nothing before", () => {
    expect(at(curveOf([[1000, [7]]]), 1e6)).toEqual([7]);
    expect(at(new PayloadCurve(1), 1)).toEqual([]);
  });

  it("takes close sizes for one, with the mean of what was read", () => {
    const curve = curveOf([
      [1000, [1, NaN]],
      [1010, [3, 8]],
    ]);
    expect(curve.entries).toEqual([{ payload: 1005, count: 2, means: [2, 8], reads: [2, 1] }]);
  });

  it("tells small counts apart: two of something are not three", () => {
    const curve = curveOf([2, 3, 10, 11].map((files) => [files, [100 * files]]));
    expect(curve.entries.map(({ payload }) => payload)).toEqual([2, 3, 10, 11]);
    expect(at(curve, 3)).toEqual([300]);
  });

  it("is the same again from its entries", () => {
    fc.assert(
      fc.property(executions, (list) => {
        const curve = curveOf(list);
        const again = new PayloadCurve(2);
        for (const entry of curve.entries) again.restore(entry);
        expect(again.entries).toEqual(curve.entries);
      }),
    );
  });
});
