import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LineSplitter } from "./line-splitter.ts";

describe("LineSplitter", () => {
  it("keeps every character and cuts only at the ends of lines", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom("a", "é", "漢", "🙂", "\n") })), (texts) => {
        const bytes = Buffer.from(texts.join(""));
        const splitter = new LineSplitter();
        let whole = "";
        for (let i = 0; i < bytes.length; i += 3) {
          const lines = splitter.push(bytes.subarray(i, i + 3));
          expect(lines === "" || lines.endsWith("\n")).toBe(true);
          whole += lines;
        }
        expect(whole + splitter.flush()).toBe(texts.join(""));
        expect(splitter.flush()).toBe("");
      }),
    );
  });

  it("does not gather a line without end", () => {
    const splitter = new LineSplitter();
    expect(splitter.push(Buffer.alloc(70_000, "x"))).toHaveLength(70_000);
    expect(splitter.flush()).toBe("");
  });
});
