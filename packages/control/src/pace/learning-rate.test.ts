import { functionName, seconds, stageKey } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { LearningRate } from "./learning-rate.ts";

const fn = functionName("fn");
const busy = stageKey(functionName("busy"), "rate=9");

/** How many of `count` executions, `every` seconds apart, are learnt from. */
function learntOf(count: number, every: number): number {
  const rate = new LearningRate();
  return Array.from({ length: count }, (_, i) => rate.isDue(fn, seconds(i * every))).filter(Boolean).length;
}

describe("LearningRate", () => {
  it("learns from all executions of a function that is seldom executed", () => {
    expect(learntOf(500, 1)).toBe(500);
  });

  it("learns from the first ones of a busy function, then from twenty a second", () => {
    // 10 s of 1,000 a second.
    expect(learntOf(10_000, 0.001)).toBeGreaterThan(64 + 10 * 18);
    expect(learntOf(10_000, 0.001)).toBeLessThan(64 + 10 * 21);
  });

  it("learns anew of a function that was forgotten, and of each for itself", () => {
    const rate = new LearningRate();
    for (let i = 0; i < 100; i++) rate.isDue(busy, seconds(0));
    expect(rate.isDue(busy, seconds(0))).toBe(false);
    expect(rate.isDue(functionName("other"), seconds(0))).toBe(true);
    rate.forget(functionName("busy"));
    expect(rate.isDue(busy, seconds(0))).toBe(true);
  });
});
