import { type Random, seededRandom } from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { regressorNames, regressors } from "./index.ts";
import { leastSquares } from "./linear.ts";
import { accumulate, nonNegativeSolution } from "./non-negative.ts";
import type { Sample } from "./regressor.ts";

const sampleOf = (
  rows: readonly (readonly number[])[],
  targets: readonly number[],
  weights?: readonly number[],
): Sample => ({
  rows: rows.map((row) => Float64Array.from(row)),
  targets: Float64Array.from(targets),
  weights: weights === undefined ? undefined : Float64Array.from(weights),
});

/** On a grid: columns may well depend on each other, but not by a hair. */
const value = fc.integer({ min: -20, max: 20 }).map((steps) => steps / 4);
const problem = fc.integer({ min: 1, max: 6 }).chain((columns) =>
  fc.array(fc.tuple(fc.array(value, { minLength: columns, maxLength: columns }), value), {
    minLength: 1,
    maxLength: 12,
  }),
);

const randomRows = (random: Random, count: number, columns: number): number[][] =>
  Array.from({ length: count }, () => Array.from({ length: columns }, () => random.next()));

describe("leastSquares()", () => {
  it("gives the textbook's line", () => {
    // y = 3.5 + 1.4 x of (1, 6), (2, 5), (3, 7), (4, 10).
    const line = leastSquares(
      sampleOf(
        [
          [1, 1],
          [1, 2],
          [1, 3],
          [1, 4],
        ],
        [6, 5, 7, 10],
      ),
    );
    expect(line[0]).toBeCloseTo(3.5, 9);
    expect(line[1]).toBeCloseTo(1.4, 9);
  });

  it("leaves errors that no column explains, with any independent columns", () => {
    fc.assert(
      fc.property(problem, (cases) => {
        const sample = sampleOf(
          cases.map(([row]) => row),
          cases.map(([, target]) => target),
        );
        const weights = leastSquares(sample);
        const columns = weights.length;
        for (let j = 0; j < columns; j++) {
          let product = 0;
          for (const [row, target] of cases)
            product += (row[j] ?? 0) * (target - row.reduce((sum, x, i) => sum + x * (weights[i] ?? 0), 0));
          expect(Math.abs(product)).toBeLessThan(1e-3);
        }
      }),
    );
  });

  it("counts rows by their weights", () => {
    expect(leastSquares(sampleOf([[1], [1]], [0, 10], [3, 1]))[0]).toBeCloseTo(2.5, 12);
  });

  it("shares a weight among columns that say the same", () => {
    const [a = 0, b = 0] = leastSquares(
      sampleOf(
        [
          [1, 1],
          [2, 2],
          [3, 3],
        ],
        [2, 4, 6],
      ),
    );
    expect(a).toBeCloseTo(1, 4);
    expect(b).toBeCloseTo(1, 4);
  });
});

describe("nonNegativeSolution()", () => {
  it("meets the conditions of Karush, Kuhn and Tucker (N1, N2)", () => {
    fc.assert(
      fc.property(problem, (cases) => {
        const size = cases[0]?.[0].length ?? 0;
        const [gram, right] = [new Float64Array(size * size), new Float64Array(size)];
        for (const [row, target] of cases)
          accumulate(gram, right, Float64Array.from(row), { target, weight: 1 });
        const solution = nonNegativeSolution(gram, right);
        for (let i = 0; i < size; i++) {
          const length = Math.sqrt(gram[i * size + i] ?? 0);
          let slope = -(right[i] ?? 0);
          for (let j = 0; j < size; j++) slope += (gram[i * size + j] ?? 0) * (solution[j] ?? 0);
          expect(solution[i]).toBeGreaterThanOrEqual(0);
          // Relative to the column's length, whose unit is free.
          expect(slope).toBeGreaterThanOrEqual(-1e-5 * (length + 1));
          if ((solution[i] ?? 0) * length > 1e-6) expect(Math.abs(slope)).toBeLessThan(1e-5 * (length + 1));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("puts to zero what would be negative, and fits the rest anew", () => {
    // Free, it would be (2, -1); with the second at zero the first is 1.
    const gram = Float64Array.of(2, 2, 2, 4);
    const [first, second] = nonNegativeSolution(gram, Float64Array.of(2, 0));
    expect(first).toBeCloseTo(1, 12);
    expect(second).toBe(0);
  });

  it("comes to an end, whatever the columns' sizes", () => {
    const tiny = fc.constantFrom(0, 5e-324, -1e-160, 1e-155, 3e-8, -1e-16, 1, -10, 1e150);
    const rows = fc.array(fc.tuple(fc.array(tiny, { minLength: 4, maxLength: 4 }), tiny), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(rows, (cases) => {
        const [gram, right] = [new Float64Array(16), new Float64Array(4)];
        for (const [row, target] of cases)
          accumulate(gram, right, Float64Array.from(row), { target, weight: 1 });
        for (const weight of nonNegativeSolution(gram, right)) expect(weight).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe("regressors", () => {
  it.each(regressorNames)("%s gives the same for the same sample (I7)", (name) => {
    const random = seededRandom(3);
    const rows = randomRows(random, 40, 3);
    const sample = sampleOf(
      rows,
      rows.map(([a = 0, b = 0]) => a * b + random.next()),
    );
    const [one, other] = [regressors[name].fit(sample), regressors[name].fit(sample)];
    for (const row of sample.rows) expect(one.predict(row)).toBe(other.predict(row));
  });

  it.each(regressorNames)("%s is better than the mean, and refuses an empty sample", (name) => {
    const rows = randomRows(seededRandom(5), 200, 2);
    const targets = rows.map(([a = 0, b = 0]) => 5 * a + b);
    const sample = sampleOf(rows, targets);
    const predictor = regressors[name].fit(sample);
    const mean = targets.reduce((sum, target) => sum + target, 0) / targets.length;
    const errorOf = (predicted: (row: Float64Array) => number): number =>
      sample.rows.reduce((sum, row, i) => sum + (predicted(row) - (targets[i] ?? 0)) ** 2, 0);
    expect(errorOf((row) => predictor.predict(row))).toBeLessThan(0.1 * errorOf(() => mean));
    expect(() => regressors[name].fit(sampleOf([], []))).toThrow(RangeError);
  });

  it("tree cuts where the values jump, and predicts each side's weighted mean", () => {
    const cut = regressors.tree.fit(
      sampleOf([[1], [2], [3], [10], [11], [12]], [1, 1, 1, 5, 5, 8], [1, 1, 1, 1, 1, 2]),
    );
    expect([0, 3, 6.4, 6.6, 99].map((x) => cut.predict(Float64Array.of(x)))).toEqual([1, 1, 1, 6.5, 6.5]);
  });

  it("tree does not predict beyond what it was shown", () => {
    fc.assert(
      fc.property(problem, (cases) => {
        const targets = cases.map(([, target]) => target);
        const predictor = regressors.tree.fit(
          sampleOf(
            cases.map(([row]) => row),
            targets,
          ),
        );
        for (const [row] of cases) {
          const predicted = predictor.predict(Float64Array.from(row, (x) => 2 * x));
          expect(predicted).toBeGreaterThanOrEqual(Math.min(...targets) - 1e-9);
          expect(predicted).toBeLessThanOrEqual(Math.max(...targets) + 1e-9);
        }
      }),
    );
  });

  it("boosted trees follow what one tree cannot", () => {
    const rows = randomRows(seededRandom(9), 400, 3);
    const targets = rows.map(([a = 0, b = 0, c = 0]) => Math.sin(6 * a) + b * b + 2 * c);
    const sample = sampleOf(rows, targets);
    const fresh = randomRows(seededRandom(10), 200, 3);
    const errorOf = (name: "tree" | "boosted"): number => {
      const predictor = regressors[name].fit(sample);
      return fresh.reduce((sum, row) => {
        const [a = 0, b = 0, c = 0] = row;
        return sum + (predictor.predict(Float64Array.from(row)) - (Math.sin(6 * a) + b * b + 2 * c)) ** 2;
      }, 0);
    };
    expect(errorOf("boosted")).toBeLessThan(0.5 * errorOf("tree"));
  });
});
