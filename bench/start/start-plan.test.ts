import { FrugalError, seededRandom } from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shuffled, startPlan } from "./start-plan.ts";

const functions = ["hello", "heavy-node", "numpy"];
const usual = { isQuick: false, runs: undefined, functions: undefined, caches: undefined, kinds: undefined };

describe("startPlan()", () => {
  it("measures everything unless told otherwise, and --quick less", () => {
    const whole = startPlan(usual, functions);
    expect(whole).toMatchObject({ functions, runs: 10, isComplete: true, endMs: Infinity });
    expect(whole.caches).toEqual(["warm", "snapshot-cold", "all-cold"]);
    const quick = startPlan({ ...usual, isQuick: true }, functions);
    expect(quick).toMatchObject({ functions, runs: 3, isComplete: false });
    expect(quick.caches).toEqual(["warm", "snapshot-cold"]);
    expect(quick.endMs).toBeLessThan(50_000);
  });

  it("takes names in any order, and keeps its own, in which the warm cache is first", () => {
    const plan = startPlan({ ...usual, functions: "numpy, hello", caches: "all-cold,warm" }, functions);
    expect(plan.functions).toEqual(["hello", "numpy"]);
    expect(plan.caches).toEqual(["warm", "all-cold"]);
  });

  it("refuses a name that it does not know, and names those that it does", () => {
    expect(() => startPlan({ ...usual, kinds: "boot,warm" }, functions)).toThrow(FrugalError);
    expect(() => startPlan({ ...usual, kinds: "boot,warm" }, functions)).toThrow(
      /--kinds: "warm" is not one of boot, eager, lazy/,
    );
  });
});

describe("shuffled()", () => {
  it("keeps every value once", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer()), fc.integer(), (values, seed) => {
        const mixed = shuffled(values, seededRandom(seed));
        expect([...mixed].sort((a, b) => a - b)).toEqual([...values].sort((a, b) => a - b));
      }),
    );
  });
});
