/**
 * Small snapshots for tests of the pager: each page is filled with one word, which tells process and page.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PAGE_SIZE } from "../../src/snapshot/image/page.ts";
import { encodePageTable } from "../../src/snapshot/image/page-table.ts";
import type { Range } from "./uffd-client.ts";

export interface ProcessRange extends Range {
  readonly pid: number;
}

export interface ExtentOfRange extends ProcessRange {
  readonly isZero: boolean;
}

export const wordOf = (pid: number, page: number): number => pid * 2 ** 40 + page;

/** Writes the image of `ranges`, sorted by pid and page, to the new folder `folder`. */
export function writeImage(folder: string, ranges: readonly ProcessRange[]): void {
  mkdirSync(folder);
  let offset = 0;
  const table = ranges.map(({ pid, page, count }) => {
    const entry = { pid, pagesId: 1, address: page * PAGE_SIZE, pages: count, offset };
    offset += count * PAGE_SIZE;
    return entry;
  });
  writeFileSync(join(folder, "page-table"), encodePageTable(table));
  writeFileSync(join(folder, "pages-1.img"), Buffer.concat(ranges.map(dataOf)));
}

/** Writes a working set of `extents`, sorted, to `path`; `data` gives the bytes of those with data. */
export function writeExtents(
  path: string,
  extents: readonly ExtentOfRange[],
  data: (range: ProcessRange) => Buffer = dataOf,
): void {
  const withData = extents.filter(({ isZero }) => !isZero);
  const dataOffset = Math.ceil((32 + 16 * extents.length) / PAGE_SIZE) * PAGE_SIZE;
  const head = Buffer.alloc(dataOffset);
  head.write("FRUGALWS", 0, "latin1");
  head.writeUInt32LE(1, 8);
  head.writeUInt32LE(extents.length, 12);
  head.writeBigUInt64LE(BigInt(dataOffset), 16);
  head.writeBigUInt64LE(BigInt(withData.reduce((sum, { count }) => sum + count, 0)), 24);
  extents.forEach(({ pid, page, count, isZero }, i) => {
    const start = 32 + 16 * i;
    head.writeUInt32LE(pid, start);
    head.writeUInt32LE(count, start + 4);
    head.writeBigUInt64LE(BigInt(page * PAGE_SIZE + (isZero ? 1 : 0)), start + 8);
  });
  writeFileSync(path, Buffer.concat([head, ...withData.map(data)]));
}

/** The pages of `range`, each filled with its word. */
export function dataOf({ pid, page, count }: ProcessRange): Buffer {
  const words = new BigUint64Array((count * PAGE_SIZE) / 8);
  const wordsOfPage = PAGE_SIZE / 8;
  for (let i = 0; i < count; i++) {
    words.fill(BigInt(wordOf(pid, page + i)), i * wordsOfPage, (i + 1) * wordsOfPage);
  }
  return Buffer.from(words.buffer);
}
