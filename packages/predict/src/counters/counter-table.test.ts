import { functionName, payloadSize, stageKey } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { CounterTable } from "./counter-table.ts";

const zip = functionName("zip");
const [fast, thorough] = [stageKey(zip, "level=1"), stageKey(zip, "level=9")];

describe("CounterTable", () => {
  it("keeps keys apart, so that other hyperparameters are another function", () => {
    const table = new CounterTable(1);
    const out = new Float64Array(1);
    table.observe(fast, payloadSize(100), Float64Array.of(5));
    table.observe(thorough, payloadSize(100), Float64Array.of(50));
    expect(table.interpolate(thorough, payloadSize(100), out)).toBe(true);
    expect(out[0]).toBe(50);
    expect(table.interpolate(zip, payloadSize(100), out)).toBe(false);
    table.forget(thorough);
    expect(table.interpolate(thorough, payloadSize(100), out)).toBe(false);
  });

  it("takes up what it gave out, in place of what it knew", () => {
    const [from, to] = [new CounterTable(1), new CounterTable(1)];
    from.observe(fast, payloadSize(10), Float64Array.of(1));
    from.observe(fast, payloadSize(1000), Float64Array.of(2));
    to.observe(fast, payloadSize(99_999), Float64Array.of(3));
    to.restore(fast, from.entriesOf(fast));
    expect(to.entriesOf(fast)).toEqual(from.entriesOf(fast));
    expect(to.entriesOf(thorough)).toEqual([]);
  });
});
