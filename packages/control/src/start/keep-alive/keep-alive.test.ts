import { FrugalError, functionName, joules, mebibytes, minutes, seconds, watts } from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IdleTimeLadder } from "./idle-time-ladder.ts";
import { IdleTimeHistogram } from "./idle-time-histogram.ts";
import { createKeepAlive, keepAlivePolicyNames } from "./index.ts";
import type { KeepAlive, RestCosts, RestPlan } from "./keep-alive.ts";

const fn = functionName("a");

/** A start costs as much as keeping for 20 seconds. */
const usual: RestCosts = {
  startTime: seconds(0.5),
  startJoules: joules(1),
  power: watts(0.05),
  deadline: undefined,
};

/** Lets the function rest for each of `gaps` in turn; the plan of the rest that follows. */
function planAfter(policy: KeepAlive, gaps: readonly number[], costs = usual): RestPlan {
  let now = 0;
  policy.arrived(fn, seconds(now));
  for (const gap of gaps) {
    policy.rest(fn, seconds(now), true, costs);
    now += gap;
    policy.arrived(fn, seconds(now));
  }
  return policy.rest(fn, seconds(now), true, costs);
}

describe.each(keepAlivePolicyNames)("keep-alive policy %s", (name) => {
  it("plans no time in the past and forgets what it is told to forget", () => {
    const policy = createKeepAlive(name);
    const fresh = planAfter(createKeepAlive(name), []);
    for (const gaps of [[], [60], [1, 1000, 1], new Array(50).fill(1800) as number[]]) {
      const plan = planAfter(policy, gaps);
      expect(plan.keepFor).toBeGreaterThanOrEqual(0);
      if (plan.prewarm !== undefined) {
        expect(plan.prewarm.after).toBeGreaterThan(0);
        expect(plan.prewarm.keepFor).toBeGreaterThan(0);
      }
      policy.forget(fn);
    }
    expect(planAfter(policy, [])).toEqual(fresh);
  });

  it("refuses options that it does not have", () => {
    expect(() => createKeepAlive(name, { nonsense: 1 })).toThrow(FrugalError);
  });
});

describe("hybrid-histogram", () => {
  it("stops at once, prewarms before the next and keeps past it, where idle times are regular", () => {
    const plan = planAfter(createKeepAlive("hybrid-histogram"), new Array(20).fill(1800) as number[]);
    // All idle times are 30 minutes: head and tail are the bin's ends (30 and 31 minutes), with 10 % of margin.
    expect(plan.keepFor).toBe(0);
    expect(plan.prewarm?.after).toBeCloseTo(1800 * 0.9);
    expect((plan.prewarm?.after ?? 0) + (plan.prewarm?.keepFor ?? 0)).toBeCloseTo(1860 * 1.1);
  });

  it("keeps without prewarming where the next invocation often comes within a minute", () => {
    const plan = planAfter(createKeepAlive("hybrid-histogram"), [5, 20, 10, 40, 30, 5, 20, 100]);
    expect(plan.prewarm).toBeUndefined();
    expect(plan.keepFor).toBeCloseTo(120 * 1.1);
  });

  it("falls back to the standard keep-alive where idle times are spread evenly", () => {
    const gaps = Array.from({ length: 239 }, (_, bin) => bin * 60 + 1);
    expect(planAfter(createKeepAlive("hybrid-histogram"), gaps)).toEqual({
      keepFor: 600,
      prewarm: undefined,
    });
  });

  it("forecasts where idle times lie beyond the histogram's range", () => {
    const plan = planAfter(createKeepAlive("hybrid-histogram"), new Array(10).fill(20_000) as number[]);
    expect(plan.prewarm?.after).toBeCloseTo(17_000);
    expect(plan.prewarm?.keepFor).toBeCloseTo(6000);
  });
});

describe("least-joules", () => {
  const plan = (gaps: readonly number[], costs = usual): RestPlan =>
    planAfter(createKeepAlive("least-joules"), gaps, costs);
  const repeat = (gap: number): number[] => new Array<number>(20).fill(gap);
  const late: RestCosts = { ...usual, deadline: seconds(0.2) };

  it("keeps for the break-even time until it knows the function", () => {
    expect(plan([])).toEqual({ keepFor: 20, prewarm: undefined });
  });

  it("keeps where the next invocation comes before the start is saved, and stops at once where it does not", () => {
    const soon = plan(repeat(10)).keepFor;
    expect(soon).toBeGreaterThanOrEqual(10);
    expect(soon).toBeLessThan(12);
    expect(plan(repeat(30))).toEqual({ keepFor: 0, prewarm: undefined });
    expect(plan(repeat(30), { ...usual, startJoules: joules(2) }).keepFor).toBeGreaterThanOrEqual(30);
  });

  it("costs no more than any other keep-alive time would have", () => {
    const cost = (gaps: readonly number[], keepFor: number): number =>
      gaps.reduce(
        (sum, gap) => sum + usual.power * Math.min(gap, keepFor) + (gap > keepFor ? usual.startJoules : 0),
        0,
      );
    const arbitraryGap = fc.integer({ min: 1, max: 400 }).map((tenths) => tenths / 4);
    fc.assert(
      fc.property(fc.array(arbitraryGap, { minLength: 5, maxLength: 100 }), (gaps) => {
        const chosen = cost(gaps, plan(gaps).keepFor);
        for (const other of [0, ...gaps, 20, 600]) {
          // The histogram's steps of 15 % let an instance stay that much longer than it needs to.
          expect(chosen).toBeLessThanOrEqual(cost(gaps, other) * 1.15 + 1e-9);
        }
      }),
    );
  });

  it("keeps, or starts ahead where that takes fewer joules, what a start would make late", () => {
    expect(plan([], late).keepFor).toBe(600);
    expect(plan(repeat(15), late).keepFor).toBeGreaterThanOrEqual(15);
    const ahead = plan(repeat(600), late);
    expect(ahead.keepFor).toBe(0);
    const { after = NaN, keepFor = NaN } = ahead.prewarm ?? {};
    expect(after).toBeLessThan(600 - late.startTime);
    expect(after + keepFor).toBeGreaterThan(600);
  });

  it("keeps no longer than it must for a deadline that a start meets", () => {
    expect(plan(repeat(600), { ...usual, deadline: seconds(1) }).keepFor).toBe(0);
  });
});

describe("IdleTimeLadder", () => {
  it("bounds each idle time within 15 %", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.2, max: 10_000, noNaN: true }), (idle) => {
        const ladder = new IdleTimeLadder();
        ladder.record(seconds(idle));
        expect(ladder.lowerBound(0.5)).toBeLessThanOrEqual(idle);
        expect(ladder.upperBound(0.5)).toBeGreaterThanOrEqual(idle * (1 - 1e-9));
        expect(ladder.upperBound(0.5)).toBeLessThanOrEqual(idle * 1.15 * (1 + 1e-9));
      }),
    );
  });

  it("follows a changed habit", () => {
    const ladder = new IdleTimeLadder();
    for (let i = 0; i < 1000; i++) ladder.record(seconds(1000));
    for (let i = 0; i < 500; i++) ladder.record(seconds(1));
    expect(ladder.upperBound(0.8)).toBeLessThan(2);
    expect(ladder.count).toBeLessThan(257);
  });
});

describe("greedy-dual", () => {
  const candidate = (name: string, memory: number, startCost: number) => ({
    function: functionName(name),
    memory: mebibytes(memory),
    startCost: seconds(startCost),
    idleSince: seconds(0),
  });

  it("ranks by frequency x start cost / size, and ages by what was evicted", () => {
    const policy = createKeepAlive("greedy-dual");
    for (let i = 0; i < 4; i++) policy.arrived(functionName("often"), seconds(i));
    policy.arrived(functionName("once"), seconds(5));
    expect(policy.priority(candidate("often", 100, 1))).toBeCloseTo(0.04);
    expect(policy.priority(candidate("once", 100, 1))).toBeCloseTo(0.01);
    expect(policy.priority(candidate("once", 10, 1))).toBeCloseTo(0.1);
    policy.evicted(0.5);
    policy.arrived(functionName("new"), seconds(6));
    expect(policy.priority(candidate("new", 100, 1))).toBeCloseTo(0.51);
    expect(policy.priority(candidate("often", 100, 1))).toBeCloseTo(0.04);
  });
});

describe("IdleTimeHistogram", () => {
  it("rounds the head down and the tail up to whole bins", () => {
    const histogram = new IdleTimeHistogram(10, minutes(1));
    for (const idle of [61, 119, 130]) histogram.record(seconds(idle));
    expect([histogram.lowerBound(0.05), histogram.upperBound(0.99)]).toEqual([60, 180]);
  });

  it("counts idle times beyond its range", () => {
    const histogram = new IdleTimeHistogram(2, minutes(1));
    for (const idle of [30, 500, 600]) histogram.record(seconds(idle));
    expect(histogram.shareOutOfRange).toBeCloseTo(2 / 3);
  });
});
