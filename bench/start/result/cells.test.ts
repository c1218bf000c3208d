import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { caches, startKinds } from "../start-plan.ts";
import { percentile, tablesOf } from "./cells.ts";
import type { StartSample } from "./start-sample.ts";
import { notesOf } from "./notes.ts";
import { verdictOf } from "./verdict.ts";

const functions = ["hello", "numpy"];
const sample: fc.Arbitrary<StartSample> = fc.record({
  function: fc.constantFrom(...functions),
  cache: fc.constantFrom(...caches),
  kind: fc.constantFrom(...startKinds),
  ms: fc.double({ min: 1, max: 1000, noNaN: true }),
  phases: fc.constant({ unit: 1 }),
  restore: fc.option(fc.record({ faults: fc.nat(5000), pages: fc.nat(9000) }), { nil: undefined }),
  workingSetBytes: fc.option(fc.nat(2 ** 24), { nil: undefined }),
  residentBytes: fc.option(fc.nat(4096), { nil: undefined }),
});

const start = (kind: StartSample["kind"], ms: number, faults?: number): StartSample => ({
  function: "hello",
  cache: "warm",
  kind,
  ms,
  phases: {},
  restore: faults === undefined ? undefined : { faults, pages: 700 },
  workingSetBytes: faults === undefined ? undefined : 2 ** 21,
  residentBytes: undefined,
});

describe("percentile()", () => {
  it("is a sample, and at least its share of the samples is not above it (C1)", () => {
    const values = fc.array(fc.double({ noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (times, share) => {
        const found = percentile(times, share);
        expect(times).toContain(found);
        expect(times.filter((time) => time <= found).length).toBeGreaterThanOrEqual(
          share * times.length - 1e-9,
        );
      }),
    );
  });
});

describe("tablesOf()", () => {
  it("has a cell for exactly what was sampled, and a ratio exactly where both cells are (C2)", () => {
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 60 }), (samples) => {
        const { cells, ratios } = tablesOf(samples, functions);
        for (const fn of functions) {
          for (const cache of caches) {
            const row = cells[fn]?.[cache];
            for (const kind of startKinds) {
              const own = samples.filter(
                (one) => one.function === fn && one.cache === cache && one.kind === kind,
              );
              expect(row?.[kind]?.runs ?? 0).toBe(own.length);
            }
            const ratio = ratios[fn]?.[cache];
            expect(typeof ratio?.prefetchVsLazy === "number").toBe(
              row?.lazy !== undefined && row.prefetch !== undefined,
            );
            expect(typeof ratio?.prefetchVsBoot === "number").toBe(
              row?.boot !== undefined && row.prefetch !== undefined,
            );
          }
        }
      }),
    );
  });

  it("compares medians, and counts the faults that prefetch removes", () => {
    const samples = [
      start("boot", 300),
      start("boot", 100),
      start("boot", 200),
      start("lazy", 80, 650),
      start("prefetch", 40, 13),
    ];
    const { cells, ratios } = tablesOf(samples, functions);
    expect(cells["hello"]?.warm?.boot).toMatchObject({
      p50Ms: 200,
      p95Ms: 300,
      runs: 3,
      faults: null,
      pages: null,
    });
    expect(cells["hello"]?.warm?.prefetch).toMatchObject({ faults: 13, pages: 700, workingSetMB: 2 });
    expect(ratios["hello"]?.warm).toEqual({
      prefetchVsLazy: 2,
      prefetchVsBoot: 5,
      prefetchVsEager: null,
      faultsRemoved: 0.98,
    });
    expect(verdictOf({ cells, ratios })).toEqual({ meanFaultsRemoved: 0.98, doesNotPay: [] });
    const slower = tablesOf([...samples, start("eager", 30, 0)], functions);
    expect(verdictOf(slower).doesNotPay).toEqual(["hello, warm: prefetch is 0.75x as fast as eager"]);
  });
});

describe("notesOf()", () => {
  const plan = { functions, kinds: startKinds, runs: 1, isComplete: false, endMs: Infinity };

  it("says of a cell that it was not cold, and nothing of caches that were not measured", () => {
    const cold = { ...start("lazy", 80, 650), cache: "snapshot-cold" as const };
    const samples = [
      { ...cold, residentBytes: 0 },
      { ...cold, residentBytes: 2 ** 20 },
    ];
    const notes = notesOf({ ...plan, caches: ["snapshot-cold"] }, tablesOf(samples, functions)).join("\n");
    expect(notes).toContain("hello, snapshot-cold, lazy: not quite cold, up to 1.0 MB");
    expect(notes).toContain("stays in the pager's memory");
    const warm = notesOf({ ...plan, caches: ["warm"] }, tablesOf([start("lazy", 80, 650)], functions));
    expect(warm.join("\n")).not.toContain("cold");
  });
});
