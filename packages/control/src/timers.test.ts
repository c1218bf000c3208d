import { seconds } from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Timers } from "./timers.ts";

describe("Timers", () => {
  it("gives entries in order of time, equal times in order of setting, none early (I7)", () => {
    const operation = fc.oneof(
      fc.record({ kind: fc.constant("set" as const), at: fc.integer({ min: 0, max: 20 }) }),
      fc.record({ kind: fc.constant("take" as const), now: fc.integer({ min: 0, max: 20 }) }),
    );
    fc.assert(
      fc.property(fc.array(operation), (operations) => {
        const timers = new Timers<number>();
        let model: { at: number; task: number }[] = [];
        operations.forEach((step, index) => {
          if (step.kind === "set") {
            timers.set(seconds(step.at), index);
            model = [...model, { at: step.at, task: index }].sort((a, b) => a.at - b.at || a.task - b.task);
          } else {
            const expected =
              model[0] !== undefined && model[0].at <= step.now ? model.shift()?.task : undefined;
            expect(timers.takeDue(seconds(step.now))).toBe(expected);
          }
          expect(timers.earliest).toBe(model[0]?.at ?? Infinity);
        });
      }),
    );
  });
});
