import { seededRandom } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { leastSquares } from "../../regression/linear.ts";
import { RecursiveFit } from "./recursive-fit.ts";

const prior = Float64Array.of(1, 2, 0);

describe("RecursiveFit", () => {
  it("has the prior's weights without rows (F2)", () => {
    for (const [i, weight] of new RecursiveFit(prior).solve().entries())
      expect(weight).toBeCloseTo(prior[i] ?? NaN, 12);
  });

  it("comes to the weights of all rows at once, older ones counted less (F1)", () => {
    const random = seededRandom(4);
    const fit = new RecursiveFit(prior);
    const rows = Array.from({ length: 3000 }, () => Float64Array.from({ length: 3 }, () => random.next()));
    const targets = rows.map(([a = 0, b = 0, c = 0]) => 3 * a + 0.5 * b + 4 * c + 0.1 * random.next());
    for (const [i, row] of rows.entries()) fit.add(row, targets[i] ?? 0);
    const weights = Float64Array.from(rows, (_, i) => (1 - 1 / 4096) ** (rows.length - 1 - i));
    const whole = leastSquares({ rows, targets: Float64Array.from(targets), weights });
    for (const [i, weight] of fit.solve().entries()) expect(weight).toBeCloseTo(whole[i] ?? NaN, 1);
    expect(fit.rows).toBeCloseTo(
      weights.reduce((sum, weight) => sum + weight, 0),
      6,
    );
  });

  it("divides a sum that never varied in the prior's proportions, whatever its size (F3)", () => {
    for (const size of [8, 0.05]) {
      const fit = new RecursiveFit(Float64Array.of(3, 1));
      for (let i = 0; i < 500; i++) fit.add(Float64Array.of(1, 1), size);
      const [first = 0, second = 0] = fit.solve();
      expect(first + second).toBeCloseTo(size, 6);
      expect(first).toBeCloseTo(3 * second, 6);
    }
  });

  it("follows a change", () => {
    const fit = new RecursiveFit(Float64Array.of(1));
    for (let i = 0; i < 20_000; i++) fit.add(Float64Array.of(1), i < 10_000 ? 5 : 9);
    expect(fit.solve()[0]).toBeGreaterThan(8.6);
  });
});
