import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Histogram, quantileOfSorted } from "./histogram.ts";

const values = fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 });
const quantile = fc.double({ min: 0, max: 1, noNaN: true });

const histogramOf = (list: readonly number[]): Histogram => {
  const histogram = new Histogram();
  for (const value of list) histogram.record(value);
  return histogram;
};

describe("Histogram", () => {
  it("answers quantiles within 1 % of the sorted values (H1)", () => {
    fc.assert(
      fc.property(values, quantile, (list, q) => {
        const exact = quantileOfSorted(Float64Array.from(list).sort(), q) ?? NaN;
        const answer = histogramOf(list).quantile(q) ?? NaN;
        expect(Math.abs(answer - exact)).toBeLessThanOrEqual(exact * 0.0101);
      }),
    );
  });

  it("merges without loss (H2)", () => {
    fc.assert(
      fc.property(values, values, quantile, (a, b, q) => {
        const merged = histogramOf(a);
        merged.merge(histogramOf(b));
        const whole = histogramOf([...a, ...b]);
        expect(merged.count).toBe(whole.count);
        expect(merged.sum).toBeCloseTo(whole.sum, 3);
        expect(merged.quantile(q)).toBe(whole.quantile(q));
      }),
    );
  });

  it("has no quantile and no mean while empty", () => {
    expect(new Histogram().quantile(0.5)).toBeUndefined();
    expect(new Histogram().mean).toBeUndefined();
  });

  it("keeps the true extremes of values outside its range", () => {
    const histogram = histogramOf([0, 1e9]);
    expect([histogram.quantile(0), histogram.quantile(1)]).toEqual([0, 1e9]);
  });
});

describe("quantileOfSorted()", () => {
  it("is the nearest rank", () => {
    expect([0, 0.25, 0.5, 0.51, 1].map((q) => quantileOfSorted([1, 2, 3, 4], q))).toEqual([1, 1, 2, 3, 4]);
    expect(quantileOfSorted([], 0.5)).toBeUndefined();
  });
});
