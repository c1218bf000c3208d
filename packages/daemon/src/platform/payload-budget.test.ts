import { bytes } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { PayloadBudget } from "./payload-budget.ts";

describe("PayloadBudget", () => {
  it("keeps one function from taking what others need, and never exceeds its limit", () => {
    const budget = new PayloadBudget(bytes(100));
    const flood = { payloadBytes: 0 };
    const quiet = { payloadBytes: 0 };
    let taken = 0;
    while (budget.take(flood, 10)) taken += 10;
    expect(taken).toBe(50);
    expect([budget.take(quiet, 25), budget.take(quiet, 1)]).toEqual([true, false]);
    budget.giveBack(flood, 50);
    expect([budget.take(quiet, 25), budget.take(quiet, 25)]).toEqual([true, false]);
  });
});
