import { describe, expect, it } from "vitest";
import { type RecentExecution, RecentExecutions } from "./recent-executions.ts";

const at = (core: number, payload: number): RecentExecution => ({
  payload,
  latency: 1,
  power: NaN,
  core,
  uncore: 1,
});

describe("RecentExecutions", () => {
  it("keeps half of its places for other clocks, and the latest of each", () => {
    const recent = new RecentExecutions();
    for (let i = 0; i < 20; i++) recent.add(at(0.5, i));
    for (let i = 100; i < 400; i++) recent.add(at(1, i));
    const payloadsAt = (core: number): readonly number[] =>
      recent.all.filter((each) => each.core === core).map(({ payload }) => payload);
    expect(recent.all).toHaveLength(32);
    expect(payloadsAt(1)).toEqual(Array.from({ length: 16 }, (_, i) => 384 + i));
    expect(payloadsAt(0.5)).toEqual(Array.from({ length: 16 }, (_, i) => 4 + i));
  });

  it("has the median payload of what it keeps", () => {
    const recent = new RecentExecutions();
    expect(recent.medianPayload).toBeNaN();
    for (const payload of [5, 1, 3]) recent.add(at(1, payload));
    expect(recent.medianPayload).toBe(3);
  });
});
