import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytes, seconds } from "@frugal/core";
import { chooseVictims, type EvictionCandidate, valueOf } from "./eviction.ts";

const candidates = fc
  .array(
    fc.record({
      size: fc.integer({ min: 1, max: 100 }).map(bytes),
      savedPerStart: fc.integer({ min: 0, max: 9 }).map(seconds),
      startRate: fc.integer({ min: 0, max: 9 }),
      isInUse: fc.boolean(),
    }),
    { maxLength: 12 },
  )
  .map((list) => list.map((one, i): EvictionCandidate => ({ ...one, id: String(i) })));

const sizeOf = (list: readonly EvictionCandidate[]): number => list.reduce((sum, { size }) => sum + size, 0);

describe("chooseVictims()", () => {
  it("frees enough with the least valuable idle snapshots, and no more than that (V1, V2, V3)", () => {
    fc.assert(
      fc.property(candidates, fc.nat(400).map(bytes), (list, excess) => {
        const ids = chooseVictims(list, excess);
        const victims = ids.flatMap((id) => list.find((one) => one.id === id) ?? []);
        const spared = list.filter(({ id }) => !ids.includes(id));
        expect(victims.length).toBe(new Set(ids).size);
        expect(victims.some(({ isInUse }) => isInUse)).toBe(false);
        const highest = Math.max(...victims.map(valueOf));
        for (const one of spared) if (!one.isInUse) expect(valueOf(one)).toBeGreaterThanOrEqual(highest);
        if (victims.length > 0) expect(sizeOf(victims.slice(0, -1))).toBeLessThan(excess);
        if (sizeOf(victims) < excess) expect(spared.every(({ isInUse }) => isInUse)).toBe(true);
      }),
    );
  });
});
