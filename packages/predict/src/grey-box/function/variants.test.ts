import { functionName, functionOf, stageKey } from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Variants } from "./variants.ts";

const zip = functionName("zip");

describe("Variants", () => {
  it("keeps at most 32 variants of a function, and what it keeps whoever asks (V1, V2)", () => {
    const step = fc.record({
      key: fc
        .tuple(fc.constantFrom("zip", "render"), fc.integer({ min: 0, max: 60 }))
        .map(([name, level]) => stageKey(functionName(name), level === 0 ? "" : `level=${level}`)),
      isCounted: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const variants = new Variants();
        for (const { key, isCounted } of steps) {
          const known = variants.of(functionOf(key));
          const kept = variants.keyFor(key);
          expect([key, functionOf(key)]).toContain(kept);
          if (known.includes(key)) expect(kept).toBe(key);
          expect(variants.of(functionOf(key))).toEqual(known);
          if (isCounted) variants.count(kept);
        }
        for (const fn of [zip, functionName("render")])
          expect(variants.of(fn).filter((key) => key !== fn).length).toBeLessThanOrEqual(32);
      }),
    );
  });

  it("tells the most frequent of late, and forgets", () => {
    const variants = new Variants();
    const [fast, thorough] = [stageKey(zip, "level=1"), stageKey(zip, "level=9")];
    expect(variants.mostFrequent(zip)).toBeUndefined();
    for (let i = 0; i < 300; i++) variants.count(fast);
    variants.count(thorough);
    expect(variants.mostFrequent(zip)).toBe(fast);
    for (let i = 0; i < 200; i++) variants.count(thorough);
    expect(variants.mostFrequent(zip)).toBe(thorough);
    variants.forget(zip);
    expect([variants.of(zip), variants.weightOf(fast)]).toEqual([[], 0]);
  });
});
