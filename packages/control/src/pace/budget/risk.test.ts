import { ratio, seconds } from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalQuantile } from "./normal-quantile.ts";
import { effectiveDeadline } from "./risk.ts";

describe("normalQuantile", () => {
  it.each([
    [0.5, 0],
    [0.75, 0.6744897501960817],
    [0.95, 1.6448536269514722],
    [0.99, 2.3263478740408408],
    [0.999, 3.090232306167813],
    [1e-9, -5.997807015007687],
    [1e-20, -9.262340089798408],
  ])("is right to seven digits at %d", (share, quantile) => {
    expect(Math.abs(normalQuantile(share) - quantile)).toBeLessThanOrEqual(
      3e-7 * Math.max(1, Math.abs(quantile)),
    );
  });

  it("is symmetric and rises", () => {
    const share = fc.double({ min: 1e-12, max: 0.5, noNaN: true });
    fc.assert(
      fc.property(share, share, (one, other) => {
        expect(normalQuantile(1 - one)).toBeCloseTo(-normalQuantile(one), 3);
        if (one < other) expect(normalQuantile(one)).toBeLessThanOrEqual(normalQuantile(other));
      }),
    );
  });

  it("is infinite at the ends, and nothing beyond them", () => {
    expect([normalQuantile(0), normalQuantile(1)]).toEqual([-Infinity, Infinity]);
    expect(() => normalQuantile(1.1)).toThrow(RangeError);
  });
});

describe("effectiveDeadline", () => {
  const stage = { latency: seconds(1), repeats: 1, deviation: ratio(0.1) };

  it("leaves the quantile's part of the deviation of stages that use it up", () => {
    const deadline = seconds(4);
    const path = [stage, { ...stage, latency: seconds(3) }];
    const planned = effectiveDeadline(deadline, ratio(0.95), path);
    const stretch = planned / 4;
    const deviation = Math.hypot(0.1 * stretch, 0.3 * stretch);
    expect(planned + normalQuantile(0.95) * deviation).toBeCloseTo(deadline, 9);
  });

  it("takes executions that are repeated for independent", () => {
    const thrice = effectiveDeadline(seconds(4), ratio(0.95), [{ ...stage, repeats: 3 }]);
    expect(thrice).toBeCloseTo(effectiveDeadline(seconds(4), ratio(0.95), [stage, stage, stage]), 12);
  });

  it("is the deadline where nothing varies, and where half of the runs may be late", () => {
    expect(effectiveDeadline(seconds(4), ratio(0.99), [{ ...stage, deviation: ratio(0) }])).toBe(4);
    expect(effectiveDeadline(seconds(4), ratio(0.3), [stage])).toBe(4);
    expect(effectiveDeadline(seconds(4), ratio(0.99), [])).toBe(4);
  });
});
