import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exponential, type Random, seededRandom } from "./random.ts";

const draw = (random: Random, count: number): number[] => Array.from({ length: count }, () => random.next());

describe("seededRandom()", () => {
  it("draws the same numbers for the same seed (I7)", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        expect(draw(seededRandom(seed), 20)).toEqual(draw(seededRandom(seed), 20));
      }),
    );
  });

  it("splits by name alone, whatever was drawn before", () => {
    fc.assert(
      fc.property(fc.integer(), fc.string(), fc.nat({ max: 50 }), (seed, name, drawn) => {
        const used = seededRandom(seed);
        draw(used, drawn);
        expect(draw(used.split(name), 5)).toEqual(draw(seededRandom(seed).split(name), 5));
      }),
    );
  });

  it("gives different streams to different names and seeds", () => {
    const streams = [1, 2, 3].flatMap((seed) =>
      ["a", "b", "c"].map((name) => seededRandom(seed).split(name).next()),
    );
    expect(new Set(streams).size).toBe(streams.length);
  });

  it("is uniform in [0, 1)", () => {
    const numbers = draw(seededRandom(5), 100_000);
    expect(Math.min(...numbers.slice(0, 50_000))).toBeGreaterThanOrEqual(0);
    expect(numbers.every((number) => number < 1)).toBe(true);
    expect(numbers.reduce((sum, number) => sum + number, 0) / numbers.length).toBeCloseTo(0.5, 2);
  });
});

describe("exponential()", () => {
  it("has the mean of its rate", () => {
    const random = seededRandom(9);
    let sum = 0;
    for (let i = 0; i < 100_000; i++) sum += exponential(random, 4);
    expect(sum / 100_000).toBeCloseTo(0.25, 2);
  });
});
