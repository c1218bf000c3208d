/**
 * Where the data of each lazily restored page is: what the pager looks up at a fault.
 *
 * A page of a lazy memory area that the table does not have is a zero page. The file `page-table`, little-endian: a header of
 * 32 bytes (magic, u32 version, u32 number of entries, zeros), then entries of 32 bytes (u32 pid, u32 pages id, u64 address,
 * u64 pages, u64 offset in `pages-<pages id>.img`).
 *
 * Invariants (cited by the tests):
 *   P1  entries are sorted by pid and address and do not overlap
 *   P2  no entry crosses the border of a memory area: one UFFDIO_COPY cannot
 *   P3  every page of the image that is lazy and has data is in the table exactly once, at its offset
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FrugalError } from "@frugal/core";
import { writeDurably } from "../catalogue/disk/durable-file.ts";
import { type MemoryArea, readMemoryAreas } from "./memory-areas.ts";
import { PAGE_SIZE } from "./page.ts";
import { type PagemapEntry, readPagemap } from "./pagemap.ts";
import { readProcessTree } from "./process-tree.ts";

export interface PageTableEntry {
  /** As in the image. */
  readonly pid: number;
  readonly pagesId: number;
  readonly address: number;
  readonly pages: number;
  /** Bytes from the start of the pages file. */
  readonly offset: number;
}

export type PageTable = readonly PageTableEntry[];

const FILE_NAME = "page-table";
const MAGIC = "FRUGALPT";
const VERSION = 1;
const RECORD = 32;

export const pagesFile = (folder: string, pagesId: number): string => join(folder, `pages-${pagesId}.img`);

/**
 * From criu's images in `folder`.
 * @internal `writePageTable` leaves it where it belongs; the tests look at it alone.
 */
export async function pageTableOf(folder: string): Promise<PageTable> {
  const table: PageTableEntry[] = [];
  for (const pid of await pidsWithMemory(folder)) {
    const { pagesId, entries } = await readPagemap(folder, pid);
    const areas = await readMemoryAreas(folder, pid);
    for (const part of splitAtBorders(entries, areas)) table.push({ pid, pagesId, ...part });
  }
  return table;
}

/** Ascending; processes that ended and wait for their parent have no memory. */
export const pidsWithMemory = async (folder: string): Promise<readonly number[]> =>
  (await readProcessTree(folder))
    .map(({ pid }) => pid)
    .filter((pid) => existsSync(join(folder, `mm-${pid}.img`)))
    .sort((a, b) => a - b);

/** Computes the table of the images in `folder` and leaves it there for the pager. */
export async function writePageTable(folder: string): Promise<PageTable> {
  const table = await pageTableOf(folder);
  await writeDurably(join(folder, FILE_NAME), encodePageTable(table));
  return table;
}

export const readPageTable = async (folder: string): Promise<PageTable> =>
  decodePageTable(await readFile(join(folder, FILE_NAME)));

/** @internal The tests encode other tables. */
export function encodePageTable(table: PageTable): Buffer {
  const file = Buffer.alloc(RECORD * (1 + table.length));
  file.write(MAGIC, 0, "latin1");
  file.writeUInt32LE(VERSION, 8);
  file.writeUInt32LE(table.length, 12);
  table.forEach(({ pid, pagesId, address, pages, offset }, i) => {
    const start = RECORD * (1 + i);
    file.writeUInt32LE(pid, start);
    file.writeUInt32LE(pagesId, start + 4);
    file.writeBigUInt64LE(BigInt(address), start + 8);
    file.writeBigUInt64LE(BigInt(pages), start + 16);
    file.writeBigUInt64LE(BigInt(offset), start + 24);
  });
  return file;
}

/**
 * FrugalError storage-failed where `file` is no page table of this version, or only a part of one.
 * @internal The tests cut files.
 */
export function decodePageTable(file: Buffer): PageTable {
  const isOurs = file.length >= RECORD && file.toString("latin1", 0, 8) === MAGIC;
  const count = isOurs && file.readUInt32LE(8) === VERSION ? file.readUInt32LE(12) : undefined;
  if (count === undefined || file.length !== RECORD * (1 + count)) {
    throw new FrugalError(
      "storage-failed",
      `A snapshot's page table of ${file.length} bytes is damaged or of another version. Remove the snapshot; it is made anew at the next start.`,
    );
  }
  return Array.from({ length: count }, (_, i) => {
    const start = RECORD * (1 + i);
    return {
      pid: file.readUInt32LE(start),
      pagesId: file.readUInt32LE(start + 4),
      address: Number(file.readBigUInt64LE(start + 8)),
      pages: Number(file.readBigUInt64LE(start + 16)),
      offset: Number(file.readBigUInt64LE(start + 24)),
    };
  });
}

type Part = Pick<PageTableEntry, "address" | "pages" | "offset">;

/** Pages outside every area have no place to go to; criu writes none. */
function* splitAtBorders(
  entries: readonly PagemapEntry[],
  areas: readonly MemoryArea[],
): Generator<Part, void> {
  let current = 0;
  const sorted = entries.toSorted((a, b) => a.address - b.address);
  for (const { address, pages, isLazy, offset } of sorted) {
    if (!isLazy || offset === undefined) continue;
    const end = address + pages * PAGE_SIZE;
    while ((areas[current]?.end ?? Infinity) <= address) current++;
    for (let i = current; i < areas.length; i++) {
      const area = areas[i];
      if (area === undefined || area.start >= end) break;
      const from = Math.max(address, area.start);
      yield {
        address: from,
        pages: (Math.min(end, area.end) - from) / PAGE_SIZE,
        offset: offset + from - address,
      };
    }
  }
}
