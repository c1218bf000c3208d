/**
 * What criu itself reads of an image before the processes run, also where their memory is served on demand: the small
 * files, and the pages that it does not leave to the pager (stacks, changed pages of mapped files).
 */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { FileRange } from "../working-set/file-ranges.ts";
import { PAGE_SIZE } from "./page.ts";
import { pagesFile, pidsWithMemory } from "./page-table.ts";
import { readPagemap } from "./pagemap.ts";

export async function eagerRanges(folder: string): Promise<readonly FileRange[]> {
  const ranges: FileRange[] = [];
  for (const name of (await readdir(folder)).sort()) {
    if (!name.endsWith(".img") || name.startsWith("pages-")) continue;
    const path = join(folder, name);
    ranges.push({ offset: 0, length: (await stat(path)).size, path });
  }
  for (const pid of await pidsWithMemory(folder)) {
    const { pagesId, entries } = await readPagemap(folder, pid);
    for (const { isLazy, offset, pages } of entries) {
      if (isLazy || offset === undefined) continue;
      ranges.push({ offset, length: pages * PAGE_SIZE, path: pagesFile(folder, pagesId) });
    }
  }
  return ranges;
}
