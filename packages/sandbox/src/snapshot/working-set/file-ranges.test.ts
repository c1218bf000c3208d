import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PAGE } from "../../../test/fake-image.ts";
import { decodeFileRanges, encodeFileRanges, fileRangesOf, type ProcessMemory } from "./file-ranges.ts";

const PRESENT = 1n << 63n;
const OF_FILE = 1n << 61n;

/** Pages that are in memory and of a file, by number; all others alternate between one of the two. */
const memoryOf = (maps: readonly string[], present: ReadonlySet<number>): ProcessMemory => ({
  maps: () => Promise.resolve(`${maps.join("\n")}\n`),
  pagemap: (first, count) => {
    const entries = Buffer.alloc(count * 8);
    for (let i = 0; i < count; i++) {
      const page = first + i;
      const other = page % 2 === 0 ? PRESENT : OF_FILE;
      entries.writeBigUInt64LE(present.has(page) ? PRESENT | OF_FILE | 77n : other, i * 8);
    }
    return Promise.resolve(entries);
  },
});

const hex = (page: number): string => (page * PAGE).toString(16).padStart(8, "0");
const line = (first: number, end: number, offset: number, path: string): string =>
  `${hex(first)}-${hex(end)} r-xp ${hex(offset)} fe:00 1234                     ${path}`;

const everywhere = [{ target: "/", source: "/" }];

describe("fileRangesOf()", () => {
  it("has each page that is in memory once, and joins those that are close (F1, F2)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(59)), fc.nat(3), async (pages, gap) => {
        // Two mappings of one file, the second at its start, and one of another file.
        const maps = [
          line(100, 120, 40, "/lib/a.so"),
          line(120, 140, 0, "/lib/a.so"),
          line(140, 160, 0, "/lib/b"),
        ];
        const memory = memoryOf(maps, new Set(pages.map((page) => 100 + page)));
        const ranges = await fileRangesOf(memory, everywhere, gap * PAGE);

        const wanted = pages.map((page) =>
          page < 20 ? `/lib/a.so:${page + 40}` : page < 40 ? `/lib/a.so:${page - 20}` : `/lib/b:${page - 40}`,
        );
        const covered = ranges.flatMap(({ path, offset, length }) =>
          Array.from({ length: length / PAGE }, (_, i) => `${path}:${offset / PAGE + i}`),
        );
        expect(new Set(covered).size).toBe(covered.length);
        expect(wanted.filter((page) => !covered.includes(page))).toEqual([]);
        if (gap === 0) expect(covered.length).toBe(wanted.length);
        ranges.forEach(({ path, offset }, i) => {
          const before = ranges[i - 1];
          if (before?.path !== path) return;
          expect(offset).toBeGreaterThan(before.offset + before.length + gap * PAGE);
        });
        expect(decodeFileRanges(encodeFileRanges(ranges))).toEqual(ranges);
      }),
    );
  });

  it("leaves out what is no file of the host, and translates the rest (F1)", async () => {
    const maps = [
      line(1, 2, 0, "/usr/lib/libc.so.6"),
      line(2, 3, 0, "/var/task/node modules/x.node"),
      line(3, 4, 0, "/tmp/made-by-the-function"),
      line(4, 5, 0, "/usr/lib/old.so (deleted)"),
      line(5, 6, 0, "/memfd:x (deleted)"),
      line(6, 7, 0, "/usr/with\\012line feed"),
      line(7, 8, 0, "/dev/shm/x"),
      line(8, 9, 0, "/opt/program"),
      line(9, 10, 0, "/usrlocal/x"),
      `${hex(10)}-${hex(11)} rw-p 00000000 00:00 0                          [heap]`,
      `${hex(11)}-${hex(12)} rw-p 00000000 00:00 0 `,
    ];
    const memory = memoryOf(maps, new Set(Array.from({ length: 20 }, (_, i) => i)));
    const ranges = await fileRangesOf(memory, [
      { target: "/usr", source: "/usr" },
      { target: "/var/task", source: "/data/code/ab" },
      { target: "/var", source: "/elsewhere" },
      { target: "/dev", source: "/dev" },
      { target: "/opt/program", source: "/data/one-file" },
    ]);
    expect(encodeFileRanges(ranges)).toBe(
      "0 4096 /data/code/ab/node modules/x.node\n0 4096 /data/one-file\n0 4096 /usr/lib/libc.so.6\n",
    );
  });

  it("reads large mappings in parts, and stops where the process has no more (F1)", async () => {
    const maps = [line(1, 100_001, 0, "/usr/bin/large")];
    const all = memoryOf(maps, new Set([1, 32_768, 32_769, 100_000]));
    expect(
      (await fileRangesOf(all, everywhere, 0)).map(({ offset, length }) => [offset / PAGE, length / PAGE]),
    ).toEqual([
      [0, 1],
      [32_767, 2],
      [99_999, 1],
    ]);
    const gone: ProcessMemory = { maps: () => all.maps(), pagemap: () => Promise.resolve(Buffer.alloc(0)) };
    expect(await fileRangesOf(gone, everywhere)).toEqual([]);
  });
});

describe("decodeFileRanges()", () => {
  it("refuses what is no range (F3)", () => {
    expect(decodeFileRanges("")).toEqual([]);
    for (const text of ["1 2\n", "a 2 /x\n", "1 -2 /x\n", "1 2 x\n"]) {
      expect(() => decodeFileRanges(text)).toThrow(RangeError);
    }
  });
});
