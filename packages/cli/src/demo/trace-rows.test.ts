import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoHourRows, readTraceRows } from "./trace-rows.ts";

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "trace-rows-"))));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Function `number` is invoked `number` times in each minute of the day; the third one never. */
const row = (number: number): string => {
  const hashes = ["a", "b", String(number)].map((digit) => digit.repeat(64));
  return [...hashes, "http", ...Array<number>(1440).fill(number === 3 ? 0 : number)].join(",");
};
const trace = [1, 2, 3, 4].map(row).join("\n");
const all = { rows: undefined, minutes: [0, 60] } as const;

describe("readTraceRows", () => {
  it("reads plain and compressed files alike", async () => {
    const plain = await readTraceRows(file("a.csv", trace), all, 3);
    const packed = await readTraceRows(file("a.csv.gz", gzipSync(trace)), all, 3);
    expect(plain.rows.map(({ counts }) => [counts.length, counts[0]])).toEqual([
      [60, 1],
      [60, 2],
      [60, 4],
    ]);
    expect(packed.rows).toEqual(plain.rows);
  });

  it.each([
    ["text.csv", "garbage\n", /text\.csv cannot be replayed\nLine 1 is neither a header nor a row/],
    ["text.csv.gz", "garbage\n", /text\.csv\.gz cannot be replayed: it is no gzip file/],
    [
      "cut.csv.gz",
      gzipSync(trace).subarray(0, 40),
      /cut\.csv\.gz cannot be replayed: it is no gzip file, or a damaged/,
    ],
    ["empty.csv", "", /empty\.csv cannot be replayed\nThe invocations file is empty/],
  ])("says what is wrong with %s", async (name, content, expected) => {
    await expect(readTraceRows(file(name, content), all, 3)).rejects.toMatchObject({
      code: "invalid-trace",
      message: expect.stringMatching(expected) as unknown,
    });
  });

  it("says so where there are fewer rows, or none of those asked for", async () => {
    const path = file("few.csv", trace);
    await expect(readTraceRows(path, all, 10)).rejects.toThrow(
      /has 4 functions, but not 10 functions invoked/,
    );
    const rows = [1, 2, 99];
    await expect(readTraceRows(path, { ...all, rows }, 3)).rejects.toThrow(
      /4 functions, but not rows 1, 2, 99/,
    );
    await expect(readTraceRows(join(folder, "none.csv"), all, 3)).rejects.toThrow(
      /none\.csv cannot be replayed: ENOENT/,
    );
  });
});

describe("demoHourRows", () => {
  it("has ten functions with an hour of counts, and says whose data it is", async () => {
    const { rows, title, attribution } = await demoHourRows();
    expect(rows.map(({ counts }) => counts.length)).toEqual(Array<number>(10).fill(60));
    expect(title).toContain("Azure Functions Trace 2019");
    expect(attribution).toContain("CC-BY");
  });
});
