import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { counterDelta, parseCounter } from "./energy-counter.ts";

describe("counterDelta()", () => {
  it("is what was counted, also across one wrap-around (C1)", () => {
    const range = fc.bigInt({ min: 1_000_000n, max: 262_143_328_850n });
    fc.assert(
      fc.property(range, fc.nat(), fc.nat(), (wrapsAt, start, amount) => {
        const raw = BigInt(start) % wrapsAt;
        const counted = BigInt(amount) % wrapsAt;
        const delta = counterDelta({ raw, wrapsAt }, { raw: (raw + counted) % wrapsAt, wrapsAt });
        expect(delta).toEqual({ kind: "counted", energy: Number(counted) / 1e6 });
      }),
    );
  });

  it("calls a counter without a range that goes backwards reset (C2)", () => {
    expect(counterDelta({ raw: 10n, wrapsAt: 0n }, { raw: 9n, wrapsAt: 0n })).toEqual({ kind: "reset" });
  });

  it("keeps counters beyond 2^53 exact", () => {
    const raw = 2n ** 60n;
    expect(counterDelta({ raw, wrapsAt: 0n }, { raw: raw + 1_000_000n, wrapsAt: 0n })).toEqual({
      kind: "counted",
      energy: 1,
    });
  });
});

describe("parseCounter()", () => {
  it.each(["", "-1", "1.5", "0x10", "12 34", "nan"])("refuses %j", (text) => {
    expect(parseCounter(text)).toBeUndefined();
  });
});
