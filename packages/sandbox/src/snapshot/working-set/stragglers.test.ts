import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PageTable } from "../image/page-table.ts";
import { PageRuns } from "./page-runs.ts";
import { Stragglers } from "./stragglers.ts";

const PAGE = 4096;
/** Pages 10 to 19 of process 1 at the start of file 1, and 30 to 34 after them; process 2 has pages of its own. */
const table: PageTable = [
  { pid: 1, pagesId: 1, address: 10 * PAGE, pages: 10, offset: 0 },
  { pid: 1, pagesId: 1, address: 30 * PAGE, pages: 5, offset: 10 * PAGE },
  { pid: 2, pagesId: 2, address: 10 * PAGE, pages: 10, offset: 0 },
];
const runs = fc.array(
  fc.record({
    pid: fc.constantFrom(1, 2, 3),
    first: fc.integer({ min: 0, max: 40 }),
    count: fc.integer({ min: 1, max: 9 }),
  }),
  { maxLength: 8 },
);

describe("Stragglers", () => {
  it("are the data of all pages that were missed and that the image has", () => {
    fc.assert(
      fc.property(fc.array(runs, { maxLength: 4 }), (restores) => {
        const stragglers = new Stragglers();
        for (const misses of restores) stragglers.add(PageRuns.of(misses));
        const wanted = new Set<string>();
        for (const { pid, first, count } of restores.flat())
          for (const entry of table.filter((one) => one.pid === pid))
            for (let page = first; page < first + count; page++) {
              const index = page - entry.address / PAGE;
              if (index >= 0 && index < entry.pages)
                wanted.add(`/image/pages-${entry.pagesId}.img ${entry.offset / PAGE + index}`);
            }
        const read = stragglers
          .take(table, "/image")
          .flatMap(({ path, offset, length }) =>
            Array.from({ length: length / PAGE }, (_, i) => `${path} ${offset / PAGE + i}`),
          );
        expect(read.sort()).toEqual([...wanted].sort());
        expect(stragglers.isWorthWriting).toBe(false);
      }),
    );
  });

  it("are written anew when some have come, and start anew when they are too many", () => {
    const stragglers = new Stragglers();
    stragglers.add(PageRuns.of([{ pid: 1, first: 10, count: 7 }]));
    expect(stragglers.isWorthWriting).toBe(false);
    stragglers.add(PageRuns.of([{ pid: 1, first: 17, count: 1 }]));
    expect(stragglers.isWorthWriting).toBe(true);
    stragglers.add(PageRuns.of([{ pid: 2, first: 100, count: 2048 }]));
    expect(stragglers.take(table, "/image")).toEqual([]);
  });
});
