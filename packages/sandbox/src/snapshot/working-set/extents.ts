/**
 * Cuts a working set into what the pager installs with one call each: pages of one memory area, all with data or all zero.
 *
 * Invariants (cited by the tests):
 *   E1  extents are sorted by pid and address, cross no border of a memory area, and are of one kind
 *   E2  they cover exactly the wanted pages that lie in areas restored on demand: elsewhere nothing can be installed
 *   E3  an extent with data names the place of each of its pages, in order
 */
import type { MemoryArea } from "../image/memory-areas.ts";
import { PAGE_SIZE } from "../image/page.ts";
import type { PageTable, PageTableEntry } from "../image/page-table.ts";
import type { PageRun, PageRuns } from "./page-runs.ts";

export interface Extent {
  readonly pid: number;
  readonly address: number;
  readonly pages: number;
  /** Where the data is, in order of pages; empty for zero pages. */
  readonly sources: readonly DataSource[];
}

/** A part of a pages file. */
interface DataSource {
  readonly pagesId: number;
  readonly offset: number;
  readonly pages: number;
}

/** Memory areas by pid, in order of addresses. */
export type AreasOf = ReadonlyMap<number, readonly MemoryArea[]>;

export function extentsOf(runs: PageRuns, table: PageTable, areas: AreasOf): readonly Extent[] {
  const lazy = new Map([...areas].map(([pid, all]) => [pid, all.filter(({ isLazy }) => isLazy)]));
  const entries = new Map([...areas.keys()].map((pid) => [pid, table.filter((entry) => entry.pid === pid)]));
  return [...runs].flatMap((run) =>
    (lazy.get(run.pid) ?? []).flatMap((area) => extentsIn(area, run, entries.get(run.pid) ?? [])),
  );
}

/** Of the part of `run` in `area`. */
function extentsIn(area: MemoryArea, { pid, first, count }: PageRun, entries: PageTable): readonly Extent[] {
  const end = Math.min(area.end, (first + count) * PAGE_SIZE);
  const extents: Extent[] = [];
  let address = Math.max(area.start, first * PAGE_SIZE);
  for (let i = firstEndingAfter(entries, address); address < end; i++) {
    const entry = entries[i];
    const zeroEnd = Math.min(end, entry?.address ?? Infinity);
    if (zeroEnd > address) {
      extents.push({ pid, address, pages: (zeroEnd - address) / PAGE_SIZE, sources: [] });
      address = zeroEnd;
    }
    if (entry === undefined || address >= end) break;
    const dataEnd = Math.min(end, endOf(entry));
    const pages = (dataEnd - address) / PAGE_SIZE;
    const offset = entry.offset + address - entry.address;
    appendData(extents, { pid, address, pages, sources: [{ pagesId: entry.pagesId, offset, pages }] });
    address = dataEnd;
  }
  return extents;
}

/** Joins data to data before it: criu may have several entries for one stretch of memory. */
function appendData(extents: Extent[], extent: Extent): void {
  const last = extents.at(-1);
  if (last === undefined || last.sources.length === 0) {
    extents.push(extent);
    return;
  }
  extents[extents.length - 1] = {
    ...last,
    pages: last.pages + extent.pages,
    sources: [...last.sources, ...extent.sources],
  };
}

const endOf = ({ address, pages }: PageTableEntry): number => address + pages * PAGE_SIZE;

function firstEndingAfter(entries: PageTable, address: number): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = entries[middle];
    if (entry !== undefined && endOf(entry) <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}
