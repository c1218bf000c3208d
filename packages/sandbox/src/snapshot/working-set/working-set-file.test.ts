import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fakePage, PAGE, writeFakeImage } from "../../../test/fake-image.ts";
import { fakeProcesses, placesOf } from "../../../test/fake-memory.ts";
import { pageTableOf } from "../image/page-table.ts";
import { PageRuns } from "./page-runs.ts";
import { readWorkingSetIndex, runsOf, writeWorkingSet } from "./working-set-file.ts";

/** Around the memory of the fake processes; process 101 is not in the image. */
const wanted = fc
  .array(
    fc.record({
      pid: fc.constantFrom(100, 101, 103),
      first: fc.nat(70).map((page) => 0x7f00_0000_0000 / PAGE + page - 2),
      count: fc.nat(30),
    }),
    { maxLength: 6 },
  )
  .map((runs) => PageRuns.of(runs));

describe("working set file", () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "frugal-working-set-"));
    path = join(folder, "working-set");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("has the wanted pages of lazy areas, each with the image's data (E1, E2, E3, W1, W2)", async () => {
    await fc.assert(
      fc.asyncProperty(fakeProcesses, wanted, async (processes, runs) => {
        writeFakeImage(folder, processes);
        const table = await pageTableOf(folder);
        const written = await writeWorkingSet({ imageFolder: folder, table, runs, path });
        const index = await readWorkingSetIndex(path);
        expect(index).toEqual(written);

        const lazy = processes.flatMap(({ pid, areas }) => areas.map((area) => ({ pid, ...area })));
        const reachable = PageRuns.of(
          lazy
            .filter(({ isLazy }) => isLazy)
            .map(({ pid, start, end }) => ({ pid, first: start / PAGE, count: (end - start) / PAGE })),
        );
        expect(runsOf(index).equals(runs.intersection(reachable))).toBe(true);

        const places = placesOf(processes);
        const file = readFileSync(path);
        let position = index.dataOffset;
        let before = { pid: 0, end: 0 };
        for (const { pid, address, pages, isZero } of index.extents) {
          const end = address + pages * PAGE;
          expect(pid > before.pid || address >= before.end).toBe(true);
          before = { pid, end };
          expect(lazy.some((area) => area.pid === pid && area.start <= address && end <= area.end)).toBe(
            true,
          );
          for (let i = 0; i < pages; i++) {
            const place = places.get(`${pid}:${address / PAGE + i}`);
            expect(place === undefined).toBe(isZero);
            if (place === undefined) continue;
            const [pagesId = 0, page = 0] = place.split("/").map(Number);
            const data = file.subarray(position, position + PAGE);
            expect(data.equals(fakePage(pagesId, page))).toBe(true);
            position += PAGE;
          }
        }
        expect(file.length).toBe(position);
        expect(file.length % PAGE).toBe(0);
        expect(index.dataOffset % PAGE).toBe(0);
      }),
    );
  });

  it("copies more than fits into its buffer (W2, W3)", async () => {
    const pages = 700;
    const start = 16 * PAGE;
    const area = { start, end: start + pages * PAGE, isLazy: true };
    const entries = [{ address: start, pages, flags: 6 }];
    writeFakeImage(folder, [{ pid: 100, pagesId: 1, areas: [area], entries }]);
    const runs = PageRuns.of([
      { pid: 100, first: 17, count: 300 },
      { pid: 100, first: 400, count: 316 },
    ]);
    await writeWorkingSet({ imageFolder: folder, table: await pageTableOf(folder), runs, path });
    const data = readFileSync(join(folder, "pages-1.img"));
    const expected = [data.subarray(PAGE, 301 * PAGE), data.subarray(384 * PAGE)];
    expect(readFileSync(path).subarray(PAGE).equals(Buffer.concat(expected))).toBe(true);
  });

  it("keeps the old file, and leaves nothing beside it, when the image is too short (W3)", async () => {
    const area = { start: 16 * PAGE, end: 20 * PAGE, isLazy: true };
    const entries = [{ address: area.start, pages: 4, flags: 6 }];
    writeFakeImage(folder, [{ pid: 100, pagesId: 1, areas: [area], entries }]);
    const table = await pageTableOf(folder);
    const runs = PageRuns.of([{ pid: 100, first: 16, count: 4 }]);
    await writeWorkingSet({ imageFolder: folder, table, runs, path });
    const [old, names] = [readFileSync(path), readdirSync(folder)];
    truncateSync(join(folder, "pages-1.img"), 3 * PAGE);
    await expect(writeWorkingSet({ imageFolder: folder, table, runs, path })).rejects.toThrow("pages-1.img");
    expect(readFileSync(path).equals(old)).toBe(true);
    expect(readdirSync(folder)).toEqual(names);
  });

  it("is refused when cut, foreign or of another version (W1)", async () => {
    writeFakeImage(folder, []);
    const none = { imageFolder: folder, table: [], runs: PageRuns.none, path };
    expect(await writeWorkingSet(none)).toEqual({ extents: [], dataOffset: PAGE, dataPages: 0 });
    const whole = readFileSync(path);
    for (const size of [0, 8, 31, 32, PAGE - 1]) {
      truncateSync(path, size);
      await expect(readWorkingSetIndex(path)).rejects.toThrow(path);
      writeFileSync(path, whole);
    }
    for (const position of [0, 8, 12, 16, 24]) {
      const changed = Buffer.from(whole);
      changed.writeUInt8(0xfe, position);
      writeFileSync(path, changed);
      await expect(readWorkingSetIndex(path)).rejects.toThrow(path);
    }
  });
});
