import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { functionName, functionOf, parseStageKey, stageKey } from "./ids.ts";

describe("stageKey()", () => {
  it("is the function's name where there is no variant, and gives the function back", () => {
    const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/).map(functionName);
    fc.assert(
      fc.property(name, fc.string(), name, fc.string(), (fn, variant, other, another) => {
        const key = stageKey(fn, variant);
        expect(functionOf(key)).toBe(fn);
        expect(key === fn).toBe(variant === "");
        expect(parseStageKey(key)).toBe(key);
        expect(key === stageKey(other, another)).toBe(fn === other && variant === another);
      }),
    );
  });

  it("is not parsed from what names no function", () => {
    expect([parseStageKey(""), parseStageKey("?a=1"), parseStageKey("a b?c=1")]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
