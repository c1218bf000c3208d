/**
 * Pages that clones ask for although a working set is installed: before it is (criu restores threads and signal handlers
 * first), or in some invocations only. With a cold page cache each of them waits for the disk; so the pager has the kernel
 * read their parts of the image ahead.
 */
import { PAGE_SIZE } from "../image/page.ts";
import { type PageTable, pagesFile } from "../image/page-table.ts";
import type { FileRange } from "./file-ranges.ts";
import { PageRuns } from "./page-runs.ts";

/** 8 MiB: more than that is no longer read beside a restore. */
const MOST_PAGES = 2048;
/** New ones that are worth writing the list anew. */
const WORTH_WRITING = 8;

export class Stragglers {
  #pages = PageRuns.none;
  #written = PageRuns.none;

  /** A restore with the working set installed missed these. */
  add(misses: PageRuns): void {
    const all = this.#pages.union(misses);
    this.#pages = all.count > MOST_PAGES ? misses : all;
  }

  get isWorthWriting(): boolean {
    return this.#pages.difference(this.#written).count >= WORTH_WRITING;
  }

  /** Where the image in `folder` has their data. They count as written. */
  take(table: PageTable, folder: string): readonly FileRange[] {
    this.#written = this.#pages;
    return [...this.#pages].flatMap(({ pid, first, count }) =>
      table
        .filter((entry) => entry.pid === pid)
        .flatMap(({ address, pages, offset, pagesId }): readonly FileRange[] => {
          const start = address / PAGE_SIZE;
          const from = Math.max(first, start);
          const length = Math.min(first + count, start + pages) - from;
          if (length <= 0) return [];
          return [
            {
              offset: offset + (from - start) * PAGE_SIZE,
              length: length * PAGE_SIZE,
              path: pagesFile(folder, pagesId),
            },
          ];
        }),
    );
  }
}
