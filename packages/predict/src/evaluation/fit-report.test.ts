import { bytes, functionName, gigahertz, type Random, seconds, seededRandom, watts } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { hardwareCounters, softwareCounters } from "../counters/counter-set.ts";
import { regressorNames } from "../regression/index.ts";
import type { StageObservation } from "../stage-model.ts";
import { fitReport } from "./fit-report.ts";
import { functionFolds, payloadFolds } from "./folds.ts";
import { meanAbsolutePercentageError } from "./mape.ts";

const grid = { core: [1, 1.5, 2].map(gigahertz), uncore: [1, 2].map(gigahertz) };
const payloads = [1e5, 3e5, 6e5, 1e6];

/** Every function with every payload at every setting; times are sums of work over clocks, with 2 % of noise. */
function sweep(
  random: Random,
  functions: Readonly<Record<string, readonly [number, number, number]>>,
): StageObservation[] {
  return Object.entries(functions).flatMap(([name, [core, uncore, memory]]) =>
    payloads.flatMap((payload) =>
      grid.core.flatMap((cf) =>
        grid.uncore.map((uf): StageObservation => {
          const work = payload / 1e6;
          const time =
            work * ((core * 2e9) / cf + (uncore * 2e9) / uf + memory) * (0.99 + 0.02 * random.next());
          return {
            key: functionName(name),
            payload: bytes(payload),
            clocks: { core: cf, uncore: uf },
            latency: seconds(time),
            power: watts(3 + 4 * (cf / 2e9) ** 3),
            counters: Float64Array.of(
              time * cf,
              work * core * 3e9,
              work * uncore * 1e8,
              work * memory * 1e7,
              NaN,
            ),
          };
        }),
      ),
    ),
  );
}

const observations = sweep(seededRandom(1), {
  video: [2, 0.1, 0.1],
  search: [0.5, 0.6, 0.5],
  page: [0.1, 0.01, 0.2],
});

describe("fitReport()", () => {
  const report = fitReport(observations, { grid, counters: hardwareCounters, prior: undefined });

  it("finds what it left out, best by the form that made it", () => {
    expect(report.functions.map((each) => [each.key, each.executions])).toEqual([
      ["video", 24],
      ["search", 24],
      ["page", 24],
    ]);
    expect(report.latency["non-negative"].payloadOut).toBeLessThan(0.05);
    expect(report.latency.linear.payloadOut).toBeLessThan(0.05);
    expect(report.power["non-negative"].payloadOut).toBeLessThan(0.1);
    expect(report.online).toBeLessThan(0.15);
    expect(["linear", "non-negative"]).toContain(report.best);
    for (const name of regressorNames) expect(report.latency[name].functionOut).toBeGreaterThan(0);
  });

  it("says which counters were read, and that hardware's were among them", () => {
    expect(report.counters).toEqual(["cycles", "instructions", "cacheReferences", "cacheMisses"]);
    expect(report.hasHardwareCounters).toBe(true);
    expect(report.statements[0]).toBe(
      "Counters that were read: cycles, instructions, cacheReferences, cacheMisses; beside them, the time that no processor was busy.",
    );
    expect(report.statements.join(" ")).toContain("core clock was fitted");
  });

  it("gives the same for the same executions (I7)", () => {
    expect(fitReport(observations, { grid, counters: hardwareCounters, prior: undefined })).toEqual(report);
  });

  it("leaves undefined what cannot be held out", () => {
    const one = observations
      .filter((each) => each.key === "video" && each.payload === 1e6)
      .map((each) => ({ ...each, power: undefined, counters: Float64Array.of(NaN, NaN, 1e6) }));
    const lonely = fitReport(one, { grid, counters: softwareCounters, prior: undefined });
    expect(lonely.latency.linear).toEqual({ payloadOut: undefined, functionOut: undefined });
    expect(lonely).toMatchObject({ best: undefined, hasHardwareCounters: false, counters: ["payloadBytes"] });
    expect(lonely.functions[0]?.power.linear.payloadOut).toBeUndefined();
    expect(fitReport([], { grid, counters: softwareCounters, prior: undefined }).functions).toEqual([]);
  });
});

describe("folds", () => {
  it("hold out whole payloads and whole functions, each observation once", () => {
    const numbers = [...observations.keys()];
    for (const folds of [payloadFolds(observations), functionFolds(observations)])
      expect(folds.flat().sort((a, b) => a - b)).toEqual(numbers);
    const keyOf = (number: number): string =>
      `${observations[number]?.key ?? ""} ${observations[number]?.payload ?? 0}`;
    const seen = new Map<string, number>();
    for (const [at, fold] of payloadFolds(observations).entries())
      for (const number of fold) {
        expect(seen.get(keyOf(number)) ?? at).toBe(at);
        seen.set(keyOf(number), at);
      }
  });
});

describe("meanAbsolutePercentageError()", () => {
  it("is the mean share that predictions are off by", () => {
    expect(
      meanAbsolutePercentageError([
        { measured: 10, predicted: 12 },
        { measured: 5, predicted: 5 },
      ]),
    ).toBeCloseTo(0.1, 12);
    expect(meanAbsolutePercentageError([])).toBeUndefined();
  });
});
