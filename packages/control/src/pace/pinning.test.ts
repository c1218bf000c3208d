import { hertz } from "@frugal/core";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Pinning } from "./pinning.ts";

const domains = Array.from({ length: 8 }, (_, cpu) => ({
  id: cpu,
  cpus: [cpu],
  socket: cpu < 4 ? 0 : 1,
  steps: [hertz(1e9)],
}));

describe("Pinning", () => {
  it("gives an instance processors of one socket where that has enough", () => {
    const pinning = new Pinning(domains);
    expect(pinning.take(2)).toEqual([0, 1]);
    expect(pinning.take(3)).toEqual([2, 3, 0].sort());
  });

  it("gives a core's second hardware thread only when every core has an instance", () => {
    const threads = [0, 2, 4].map((cpu) => ({
      id: cpu,
      cpus: [cpu, cpu + 1],
      socket: 0,
      steps: [hertz(1e9)],
    }));
    const pinning = new Pinning(threads);
    expect(pinning.take(2)).toEqual([0, 2]);
    expect(pinning.take(1)).toEqual([4]);
    expect(pinning.take(3)).toEqual([1, 3, 5]);
    pinning.giveBack([4]);
    pinning.giveBack([1, 3, 5]);
    expect(pinning.take(1)).toEqual([4]);
  });

  it("gives all there are to an instance that wants more", () => {
    expect(new Pinning(domains).take(20)).toHaveLength(8);
  });

  it("never binds two more instances of one core to one processor than to another", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (steps) => {
        const pinning = new Pinning(domains);
        const living: (readonly number[])[] = [];
        for (const isStart of steps) {
          if (isStart) living.push(pinning.take(1));
          else pinning.giveBack(living.pop() ?? []);
        }
        const counts = domains.map(({ id }) => living.filter(([cpu]) => cpu === id).length);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
