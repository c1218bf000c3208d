import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Column, renderTable, wrapped } from "./table.ts";

const columns = [
  { title: "NAME", shrinks: true },
  { title: "MEMORY", align: "right" },
  { title: "HANDLER", shrinks: true },
] as const;

describe("renderTable", () => {
  it("aligns columns and ends lines where their text ends", () => {
    const rows = [
      ["a", "128 MiB", "index.handler"],
      ["thumbnail", "1 GiB", "x.y"],
    ];
    expect(renderTable(columns, rows, Infinity)).toBe(
      [
        "NAME        MEMORY  HANDLER",
        "a          128 MiB  index.handler",
        "thumbnail    1 GiB  x.y",
        "",
      ].join("\n"),
    );
  });

  it("cuts the widest shrinking column first", () => {
    const lines = renderTable(columns, [["resize", "128 MiB", "a/very/long/path/to/a.handler"]], 37).split(
      "\n",
    );
    expect(lines[1]).toBe("resize  128 MiB  a/very/long/path/to…");
    expect(lines[1]).toHaveLength(37);
  });

  it("keeps the width, whatever the cells (T1)", () => {
    const cell = fc.string({ unit: "grapheme-ascii", maxLength: 60 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, fc.constant("1 GiB"), cell)),
        fc.integer({ min: 40, max: 120 }),
        (rows, width) => {
          for (const line of renderTable(columns, rows, width).split("\n"))
            expect([...line].length).toBeLessThanOrEqual(width);
        },
      ),
    );
  });

  it("starts a column at the same place in every line (T2)", () => {
    const cell = fc.string({ unit: fc.constantFrom("a", "b", "-"), minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, cell), { minLength: 1 }),
        fc.integer({ min: 20, max: 80 }),
        (rows, width) => {
          const left = [{ title: "A", shrinks: true }, { title: "B", shrinks: true }, { title: "C" }];
          const lines = renderTable(left, rows, width).trimEnd().split("\n");
          const starts = lines.map((line) => [...line.matchAll(/\S+/g)].map((match) => match.index));
          for (const start of starts) expect(start).toEqual(starts[0]);
        },
      ),
    );
  });

  it("lets no control character of the data through (T3)", () => {
    const table = renderTable([{ title: "TEXT" }], [["\u001b[31mred\u0007\nline\u202e"]], Infinity);
    expect(table).toBe("TEXT\n[31mred line\n");
  });

  it("leaves out columns that may go before it cuts any, lowest first", () => {
    const columns: readonly Column[] = [
      { title: "NAME", shrinks: true },
      { title: "SECOND", goes: 2 },
      { title: "FIRST", goes: 1 },
      { title: "LAST" },
    ];
    const rows = [["a-long-name", "2", "1", "end"]];
    expect(renderTable(columns, rows, 40).split("\n")[0]).toBe("NAME         SECOND  FIRST  LAST");
    expect(renderTable(columns, rows, 30)).toBe("NAME         SECOND  LAST\na-long-name  2       end\n");
    expect(renderTable(columns, rows, 18)).toBe("NAME         LAST\na-long-name  end\n");
    expect(renderTable(columns, rows, 15)).toBe("NAME       LAST\na-long-n…  end\n");
  });
});

describe("wrapped", () => {
  it("breaks between words, after the indent, and never within one", () => {
    expect(wrapped("one two three", 9, "  ")).toBe("  one two\n  three\n");
    expect(wrapped("a-word-too-long for it", 6, "")).toBe("a-word-too-long\nfor it\n");
    expect(wrapped("all of it", Infinity, "")).toBe("all of it\n");
  });
});
