import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Comparison,
  deviationOf,
  noShift,
  ratioOf,
  type Shares,
  shareShift,
  shrunkRatio,
} from "./correction.ts";

const shares: Shares = [0.6, 0.1, 0.3];

/** An execution whose shares really are `truth`, at core and uncore clocks of these shares of the highest. */
const at = (truth: Shares, core: number, uncore: number): Comparison => ({
  shares,
  factors: [1 / core, 1 / uncore, 1],
  time: truth[0] / core + truth[1] / uncore + truth[2],
});

describe("shareShift()", () => {
  it("is nothing without executions, and where the prediction is right", () => {
    expect(shareShift([])).toEqual(noShift);
    for (const shift of shareShift([at(shares, 1, 1), at(shares, 0.5, 0.6)])) expect(shift).toBeCloseTo(0, 9);
  });

  it("scales all shares alike where clocks never varied, and trusts few executions less", () => {
    const twice = at([1.2, 0.2, 0.6], 1, 1);
    const [one, many] = [1, 30].map((count) => shareShift(new Array<Comparison>(count).fill(twice)));
    const scaleOf = (shift: Shares | undefined): number => ratioOf(twice, shift ?? noShift);
    expect(scaleOf(many)).toBeCloseTo(1, 1);
    expect(scaleOf(one)).toBeGreaterThan(scaleOf(many));
    expect(many?.[0]).toBeGreaterThan(2 * (many?.[1] ?? 0));
  });

  it("finds the split where clocks varied", () => {
    const truth: Shares = [0.2, 0.3, 0.9];
    const executions = Array.from({ length: 32 }, (_, i) => at(truth, 0.5 + (i % 4) / 6, 0.4 + (i % 7) / 10));
    const shift = shareShift(executions);
    for (const i of [0, 1, 2] as const) expect(Math.abs(shares[i] + shift[i] - truth[i])).toBeLessThan(0.15);
    for (const execution of executions) expect(ratioOf(execution, shift)).toBeCloseTo(1, 1);
  });

  it("never takes more from a share than the mean share has", () => {
    const part = fc.double({ min: 0.01, max: 1, noNaN: true });
    const comparison = fc
      .tuple(part, part, part, fc.double({ min: 1e-4, max: 1e4, noNaN: true }))
      .map(([core, uncore, split, time]): Comparison => ({
        shares: [split, 0, 1 - split],
        factors: [1 / core, 1 / uncore, 1],
        time,
      }));
    fc.assert(
      fc.property(fc.array(comparison, { minLength: 1, maxLength: 32 }), (comparisons) => {
        const shift = shareShift(comparisons);
        for (const i of [0, 1, 2] as const) {
          const mean = comparisons.reduce((sum, each) => sum + each.shares[i], 0) / comparisons.length;
          expect(mean + shift[i]).toBeGreaterThanOrEqual(-1e-9);
        }
      }),
    );
  });
});

describe("shrunkRatio()", () => {
  it("is 1 without executions, nearer to the mean the more there are, and unmoved by an outlier", () => {
    expect(shrunkRatio([])).toBe(1);
    expect(shrunkRatio([2])).toBeLessThan(shrunkRatio(new Array<number>(20).fill(2)));
    expect(shrunkRatio([...new Array<number>(20).fill(2), 1000])).toBeLessThan(2.3);
  });
});

describe("deviationOf()", () => {
  it("is the sample's standard deviation, and undefined of a few", () => {
    expect(deviationOf([1, 2, 3, 4])).toBeUndefined();
    expect(deviationOf([1, 2, 3, 4, 5])).toBeCloseTo(Math.sqrt(2.5), 12);
  });
});
