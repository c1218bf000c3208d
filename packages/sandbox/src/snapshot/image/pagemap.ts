/**
 * Which pages of a process an image has, and where: `pagemap-<pid>.img` (criu's images/pagemap.proto).
 */
import { PAGE_SIZE } from "./page.ts";
import { readImage } from "./image-file.ts";
import { integersOf } from "./protobuf.ts";

/** Pages of consecutive addresses, treated alike. */
export interface PagemapEntry {
  readonly address: number;
  readonly pages: number;
  /** Whether they may be restored on demand. */
  readonly isLazy: boolean;
  /** Position of their data in the pages file; undefined where the image has none. */
  readonly offset: number | undefined;
}

export interface Pagemap {
  /** The data is in `pages-<pagesId>.img`. */
  readonly pagesId: number;
  readonly entries: readonly PagemapEntry[];
}

const head = { pagesId: 1 } as const;
const entry = { address: 1, pages: 2, isInParent: 3, flags: 4, manyPages: 5 } as const;
const flag = { parent: 1, lazy: 2, present: 4 } as const;

export const readPagemap = (folder: string, pid: number): Promise<Pagemap> =>
  readImage({ folder, kind: "pagemap", id: pid }, pagemapOf);

function pagemapOf([first, ...rest]: readonly Buffer[]): Pagemap {
  const pagesId = first === undefined ? undefined : integersOf(first).get(head.pagesId);
  if (pagesId === undefined) throw new RangeError("it does not say where the pages are");
  let offset = 0;
  const entries = rest.map((message): PagemapEntry => {
    const fields = integersOf(message);
    const address = fields.get(entry.address) ?? 0;
    const pages = fields.get(entry.manyPages) ?? fields.get(entry.pages) ?? 0;
    if (address % PAGE_SIZE !== 0 || !Number.isSafeInteger(address) || pages === 0) {
      throw new RangeError(`it has ${pages} pages at address ${address}`);
    }
    const flags = flagsOf(fields);
    if ((flags & flag.parent) !== 0) throw new RangeError("it builds on another image");
    const isPresent = (flags & flag.present) !== 0;
    const result = {
      address,
      pages,
      isLazy: (flags & flag.lazy) !== 0,
      offset: isPresent ? offset : undefined,
    };
    if (isPresent) offset += pages * PAGE_SIZE;
    return result;
  });
  return { pagesId, entries };
}

/** Without flags (written by old versions), pages are in the parent image or in this one. */
function flagsOf(fields: ReadonlyMap<number, number>): number {
  const flags = fields.get(entry.flags);
  return flags ?? (fields.get(entry.isInParent) === 1 ? flag.parent : flag.present);
}
