import fc from "fast-check";
import { seconds, seededRandom } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { type ArrivalGeneratorName, arrivalGenerators } from "./arrival-generators.ts";
import { type Arrival, type ArrivalSource, arrivalsOf } from "./arrivals.ts";

const names = Object.keys(arrivalGenerators).filter(
  (name): name is ArrivalGeneratorName => name in arrivalGenerators,
);
const generator = fc.constantFrom(...names);
const counts = fc.array(fc.nat({ max: 40 }), { maxLength: 5 });
const sources = fc
  .array(counts, { maxLength: 5 })
  .map((all): readonly ArrivalSource[] => all.map((each, i) => ({ name: `f${i}`, counts: each })));
const seed = fc.integer();
/** Lengths that a minute may become; powers of two, so that dividing by them is exact. */
const minute = fc.constantFrom(0.5, 1, 64).map(seconds);

const arrivals = (
  from: readonly ArrivalSource[],
  by: ArrivalGeneratorName,
  options: { readonly seed: number; readonly minute?: number },
): readonly Arrival[] => [
  ...arrivalsOf(from, {
    generator: by,
    random: seededRandom(options.seed),
    minute: seconds(options.minute ?? 1),
  }),
];

describe("arrivalsOf", () => {
  it("keeps every minute's count, in order of time (G1, G2)", () => {
    fc.assert(
      fc.property(sources, generator, seed, minute, (from, by, seed, minute) => {
        const made = arrivals(from, by, { seed, minute });
        const found = from.map((source) => Array.from(source.counts, () => 0));
        const order = made.map(({ at, source }) => {
          const function_ = from.findIndex((each) => each.name === source);
          const row = found[function_] ?? [];
          const now = Math.floor(at / minute);
          row[now] = (row[now] ?? 0) + 1;
          return [at, function_] as const;
        });
        expect(found).toEqual(from.map((source) => [...Array.from(source.counts)]));
        expect(order).toEqual([...order].sort((a, b) => a[0] - b[0] || a[1] - b[1]));
      }),
    );
  });

  it("makes the same arrivals of the same seed, and others of another (G3)", () => {
    fc.assert(
      fc.property(sources, generator, seed, (from, by, seed) => {
        const made = arrivals(from, by, { seed });
        expect(arrivals(from, by, { seed })).toEqual(made);
        if (made.length > 0) expect(arrivals(from, by, { seed: seed ^ 1 })).not.toEqual(made);
      }),
    );
  });

  it("shifts no function's arrivals by adding another (G3)", () => {
    fc.assert(
      fc.property(sources, counts, generator, seed, (from, added, by, seed) => {
        const more = arrivals([{ name: "added", counts: added }, ...from], by, { seed });
        expect(more.filter((arrival) => arrival.source !== "added")).toEqual(arrivals(from, by, { seed }));
      }),
    );
  });

  it("compresses time and nothing else", () => {
    fc.assert(
      fc.property(sources, generator, seed, (from, by, seed) => {
        const slow = arrivals(from, by, { seed, minute: 64 });
        expect(arrivals(from, by, { seed, minute: 0.5 })).toEqual(
          slow.map((arrival) => ({ ...arrival, at: arrival.at / 128 })),
        );
      }),
    );
  });

  it("refuses sources of one name, and a minute without length", () => {
    const source = { name: "f", counts: [1] };
    expect(() => arrivals([source, source], "poisson", { seed: 1 })).toThrow(/same name/);
    for (const minute of [0, -1, NaN, Infinity]) {
      expect(() => arrivals([source], "poisson", { seed: 1, minute })).toThrow(RangeError);
    }
  });

  it.each(names)("spreads %s over the whole minute", (by) => {
    const made = arrivals([{ name: "f", counts: Array.from({ length: 2000 }, () => 5) }], by, { seed: 1 });
    const shares = made.map(({ at }) => at % 1);
    const quarters = [0, 1, 2, 3].map((i) => shares.filter((share) => Math.floor(share * 4) === i).length);
    for (const quarter of quarters) expect(quarter / made.length).toBeCloseTo(0.25, by === "uniform" ? 0 : 1);
  });

  it("makes bursts the more clustered the more bursty they are said to be", () => {
    const from = [{ name: "f", counts: Array.from({ length: 200 }, () => 40) }];
    const [equal, independent, clustered] = (["uniform", "poisson", "bursty"] as const).map((by) => {
      const gaps = arrivals(from, by, { seed: 1 }).map(({ at }, i, all) => at - (all[i - 1]?.at ?? 0));
      const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
      const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
      return Math.sqrt(variance) / mean;
    });
    expect(equal).toBeLessThan(0.1);
    expect(independent).toBeGreaterThan(0.9);
    expect(independent).toBeLessThan(1.1);
    expect(clustered).toBeGreaterThan(1.5);
  });
});
