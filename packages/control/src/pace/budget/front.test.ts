import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frontOf } from "./front.ts";

const predictions = fc.array(
  fc.tuple(fc.double({ min: 0.001, max: 10, noNaN: true }), fc.double({ min: 0.001, max: 100, noNaN: true })),
  { minLength: 1, maxLength: 40 },
);

describe.each(["energy", "power"] as const)("front by %s", (cost) => {
  it("keeps exactly the settings that no other beats in both", () => {
    fc.assert(
      fc.property(predictions, (settings) => {
        const latencies = Float64Array.from(settings, ([latency]) => latency);
        const powers = Float64Array.from(settings, ([, power]) => power);
        const costs = settings.map(([latency, power]) => (cost === "energy" ? power * latency : power));
        const front = frontOf(latencies, powers, cost);
        for (const [index, latency] of latencies.entries()) {
          const [ofSetting] = [costs[index] ?? NaN];
          const isAsGood = front.some(
            ({ setting }) =>
              (latencies[setting] ?? NaN) <= latency && (costs[setting] ?? NaN) <= ofSetting * (1 + 1e-12),
          );
          expect(isAsGood).toBe(true);
        }
        for (const [place, { latency, energy }] of front.entries()) {
          const next = front[place + 1];
          if (next === undefined) continue;
          expect(next.latency).toBeGreaterThan(latency);
          const fell =
            cost === "energy" ? energy - next.energy : energy / latency - next.energy / next.latency;
          expect(fell).toBeGreaterThan(0);
        }
      }),
    );
  });

  it("leaves out what was not predicted", () => {
    const front = frontOf(Float64Array.of(NaN, 0, 1, Infinity), Float64Array.of(1, 1, 2, 1), cost);
    expect(front).toEqual([{ setting: 2, latency: 1, energy: 2 }]);
  });
});

it("knows slower settings of less power that take more energy", () => {
  const [latencies, powers] = [Float64Array.of(1, 2, 4), Float64Array.of(10, 4, 3)];
  expect(frontOf(latencies, powers, "energy").map(({ setting }) => setting)).toEqual([0, 1]);
  expect(frontOf(latencies, powers, "power").map(({ setting }) => setting)).toEqual([0, 1, 2]);
});
