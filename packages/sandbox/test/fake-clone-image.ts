/**
 * An image that this project's readers take for one of criu's: what a fake unit dumps, and what is stored for fake clones.
 */
import { writePageTable } from "../src/snapshot/image/page-table.ts";
import type { Catalogue } from "../src/snapshot/catalogue/catalogue.ts";
import type { Manifest } from "../src/snapshot/catalogue/manifest.ts";
import type { Snapshot } from "../src/snapshot/catalogue/shelf.ts";
import type { SnapshotKey } from "../src/snapshot/catalogue/snapshot-key.ts";
import { PageRuns } from "../src/snapshot/working-set/page-runs.ts";
import { PAGE, writeFakeImage } from "./fake-image.ts";
import { fakeDescription } from "./fake-snapshot.ts";

const PID = 100;
/** The first page of the one process's memory: `PAGES` pages, all restored on demand, of which the first half has data. */
const FIRST = 0x10000;
const PAGES = 200;

/** What criu leaves in `folder`. */
export function dumpFake(folder: string): void {
  const start = FIRST * PAGE;
  writeFakeImage(folder, [
    {
      pid: PID,
      pagesId: 1,
      areas: [{ start, end: start + PAGES * PAGE, isLazy: true }],
      entries: [{ address: start, pages: PAGES / 2, flags: 6 }],
    },
  ]);
}

/** `count` of its pages, from its page `first` on. */
export const pagesOf = (first: number, count: number): PageRuns =>
  PageRuns.of([{ pid: PID, first: FIRST + first, count }]);

/** A snapshot with such an image, for the key that `change` makes. */
export async function storeClone(
  catalogue: Catalogue,
  change: SnapshotKey = {},
  parts: Partial<Pick<Manifest, "kind" | "functions" | "key" | "phase">> = {},
): Promise<Snapshot> {
  const staging = await catalogue.begin();
  dumpFake(staging);
  await writePageTable(staging);
  return catalogue.commit(staging, { ...fakeDescription(change), ...parts });
}
