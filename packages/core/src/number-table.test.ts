import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NumberTable } from "./number-table.ts";

const step = fc.record({
  key: fc.oneof(fc.nat({ max: 60 }), fc.maxSafeNat()),
  what: fc.constantFrom("set", "delete", "get"),
});

describe("NumberTable", () => {
  it("answers as a Map would, whatever comes and goes (N1)", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const table = new NumberTable<string>();
        const model = new Map<number, string>();
        steps.forEach(({ key, what }, index) => {
          if (what === "set") {
            table.set(key, `value ${index}`);
            model.set(key, `value ${index}`);
          } else if (what === "delete") {
            expect(table.delete(key)).toBe(model.get(key));
            model.delete(key);
          } else expect(table.get(key)).toBe(model.get(key));
          expect(table.size).toBe(model.size);
        });
        expect(table.keys().sort((a, b) => a - b)).toEqual([...model.keys()].sort((a, b) => a - b));
        for (const [key, value] of model) expect(table.get(key)).toBe(value);
      }),
    );
  });
});
