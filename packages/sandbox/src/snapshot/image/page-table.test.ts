import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { image, message, PAGE, writeFakeImage } from "../../../test/fake-image.ts";
import { fakeProcesses, placesOf } from "../../../test/fake-memory.ts";
import {
  decodePageTable,
  encodePageTable,
  type PageTable,
  pageTableOf,
  readPageTable,
  writePageTable,
} from "./page-table.ts";

const area = { start: 16 * PAGE, end: 20 * PAGE, isLazy: true };
const small = {
  pid: 100,
  pagesId: 1,
  areas: [area, { ...area, start: area.end, end: 24 * PAGE }],
  entries: [
    { address: 8 * PAGE, pages: 2, flags: 4 },
    { address: 18 * PAGE, pages: 4, flags: 6 },
  ],
};

describe("page table", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "frugal-image-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is sorted, within memory areas, and has each lazy page with data at its place (P1, P2, P3)", async () => {
    await fc.assert(
      fc.asyncProperty(fakeProcesses, async (processes) => {
        writeFakeImage(folder, processes);
        const table = await pageTableOf(folder);
        let end = [0, 0];
        const places = new Map<string, string>();
        for (const { pid, pagesId, address, pages, offset } of table) {
          expect(pid > (end[0] ?? 0) || address >= (end[1] ?? 0)).toBe(true);
          const last = address + pages * PAGE;
          end = [pid, last];
          const areas = processes.find((process) => process.pid === pid)?.areas ?? [];
          expect(areas.some((one) => one.start <= address && last <= one.end)).toBe(true);
          for (let i = 0; i < pages; i++) {
            places.set(`${pid}:${address / PAGE + i}`, `${pagesId}/${offset / PAGE + i}`);
          }
        }
        expect(places).toEqual(placesOf(processes));
      }),
    );
  });

  it("splits an entry at the border of two areas, and counts the data before it (P2)", async () => {
    writeFakeImage(folder, [small]);
    expect(await writePageTable(folder)).toEqual([
      { pid: 100, pagesId: 1, address: 18 * PAGE, pages: 2, offset: 2 * PAGE },
      { pid: 100, pagesId: 1, address: 20 * PAGE, pages: 2, offset: 4 * PAGE },
    ]);
    expect(await readPageTable(folder)).toEqual(await pageTableOf(folder));
  });

  it("reads the page count that newer versions of criu write, and flags that old ones do not", async () => {
    writeFakeImage(folder, [small]);
    const kinds = [
      message({ 1: 1 }),
      message({ 1: 18 * PAGE, 2: 0, 4: 6, 5: 2 }),
      message({ 1: 16 * PAGE, 2: 1 }),
    ];
    writeFileSync(join(folder, "pagemap-100.img"), image(0x56084025, kinds));
    expect(await pageTableOf(folder)).toEqual([
      { pid: 100, pagesId: 1, address: 18 * PAGE, pages: 2, offset: 0 },
    ]);
  });

  it("refuses images that are cut, foreign, or build on others, and names the file", async () => {
    const pagemap = join(folder, "pagemap-100.img");
    const refusal = (): Promise<unknown> => expect(pageTableOf(folder)).rejects.toThrow(pagemap);
    writeFakeImage(folder, [small]);
    const whole = readFileSync(pagemap);
    // Between two messages nothing tells that more should follow; the manifest's checksum does.
    const ends = new Set<number>();
    for (let end = 8; end < whole.length; ends.add(end)) end += 4 + whole.readUInt32LE(end);
    for (let size = 0; size < whole.length; size++) {
      if (ends.has(size)) continue;
      writeFileSync(pagemap, whole.subarray(0, size));
      await refusal();
    }
    writeFileSync(pagemap, image(0x57492820, [message({ 1: 1 })]));
    await refusal();
    for (const entry of [
      { 1: 5, 2: 1, 4: 4 },
      { 1: PAGE, 4: 4 },
      { 1: PAGE, 2: 1, 4: 1 },
    ]) {
      writeFileSync(pagemap, image(0x56084025, [message({ 1: 1 }), message(entry)]));
      await refusal();
    }
  });

  it("comes back from its file, which is refused when cut (P1)", () => {
    const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    const entry = fc.record({
      pid: word,
      pagesId: word,
      address: fc.maxSafeNat(),
      pages: fc.maxSafeNat(),
      offset: fc.maxSafeNat(),
    });
    fc.assert(
      fc.property(fc.array(entry), fc.integer({ min: 1, max: 32 }), (table: PageTable, cut) => {
        const file = encodePageTable(table);
        expect(file.length).toBe(32 * (1 + table.length));
        expect(decodePageTable(file)).toEqual(table);
        expect(() => decodePageTable(file.subarray(0, -cut))).toThrow("damaged");
      }),
    );
  });
});
