/**
 * The file-backed working set: which parts of which files a process had mapped in, so that the pager can have the kernel
 * read them while a clone is being restored. Matters when the page cache is cold; the kernel reads nothing twice.
 *
 * The file `file-ranges` is text, one range a line: `<offset> <length> <path>`, in bytes, path on the host.
 *
 * Invariants (cited by the tests):
 *   F1  every present page of a mapped regular file that has a path on the host is in exactly one range
 *   F2  ranges of one file are sorted and further apart than the gap that joins them
 *   F3  what is decoded is what was encoded
 */
import { PAGE_SIZE } from "../image/page.ts";
import type { ReadOnlyMount } from "../../unit/unit.ts";
import { fileMappingsOf, type FileMapping } from "./file-mapping.ts";

export interface FileRange {
  /** Bytes. */
  readonly offset: number;
  readonly length: number;
  readonly path: string;
}

/** The memory of a process, as /proc shows it. */
export interface ProcessMemory {
  /** `/proc/<pid>/maps`. */
  maps(): Promise<string>;
  /** Entries of `/proc/<pid>/pagemap`, 8 bytes each, for `count` pages from page `first` on. */
  pagemap(first: number, count: number): Promise<Buffer>;
}

/** Pages not needed in between are read for less than a further request costs. */
const GAP = 16 * PAGE_SIZE;
/** Pages whose entries are read at a time. */
const WINDOW = 32_768;

/** Of pagemap(5), in the upper half of an entry: bit 63 in memory, bit 61 a page of a file (or shared memory). */
const IN_MEMORY_OF_FILE = 0xa000_0000;

/** What `memory` has of files on the host. Files outside `mounts` are the unit's own and left out. */
export async function fileRangesOf(
  memory: ProcessMemory,
  mounts: readonly ReadOnlyMount[],
  gap = GAP,
): Promise<readonly FileRange[]> {
  const ranges: FileRange[] = [];
  for (const mapping of fileMappingsOf(await memory.maps())) {
    const path = hostPathOf(mapping.path, mounts);
    if (path === undefined) continue;
    for await (const { first, count } of presentRuns(memory, mapping)) {
      const offset = mapping.offset + (first - mapping.first) * PAGE_SIZE;
      ranges.push({ offset, length: count * PAGE_SIZE, path });
    }
  }
  return joined(ranges, gap);
}

async function* presentRuns(
  memory: ProcessMemory,
  { first, count }: FileMapping,
): AsyncGenerator<{ readonly first: number; readonly count: number }, void> {
  for (let done = 0; done < count; done += WINDOW) {
    const entries = await memory.pagemap(first + done, Math.min(WINDOW, count - done));
    const pages = Math.floor(entries.length / 8);
    let start: number | undefined;
    for (let i = 0; i <= pages; i++) {
      const isPresent = i < pages && isInMemoryOfFile(entries, i);
      if (isPresent) start ??= i;
      else if (start !== undefined) {
        yield { first: first + done + start, count: i - start };
        start = undefined;
      }
    }
  }
}

const isInMemoryOfFile = (entries: Buffer, page: number): boolean =>
  (entries.readUInt32LE(page * 8 + 4) & IN_MEMORY_OF_FILE) >>> 0 === IN_MEMORY_OF_FILE;

/** The innermost mount counts. */
function hostPathOf(path: string, mounts: readonly ReadOnlyMount[]): string | undefined {
  const [mount] = mounts
    .filter(({ target }) => path === target || path.startsWith(withSlash(target)))
    .sort((a, b) => b.target.length - a.target.length);
  if (mount === undefined) return undefined;
  return path === mount.target
    ? mount.source
    : withSlash(mount.source) + path.slice(withSlash(mount.target).length);
}

const withSlash = (folder: string): string => (folder.endsWith("/") ? folder : `${folder}/`);

function joined(ranges: readonly FileRange[], gap: number): readonly FileRange[] {
  const result: FileRange[] = [];
  for (const range of ranges.toSorted(byPosition)) {
    const last = result.at(-1);
    if (last?.path === range.path && range.offset <= last.offset + last.length + gap) {
      const end = Math.max(last.offset + last.length, range.offset + range.length);
      result[result.length - 1] = { ...last, length: end - last.offset };
    } else result.push(range);
  }
  return result;
}

const byPosition = (a: FileRange, b: FileRange): number =>
  a.path === b.path ? a.offset - b.offset : a.path < b.path ? -1 : 1;

export const encodeFileRanges = (ranges: readonly FileRange[]): string =>
  ranges.map(({ offset, length, path }) => `${offset} ${length} ${path}\n`).join("");

/** A RangeError for a line that is no range. */
export const decodeFileRanges = (text: string): readonly FileRange[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const match = /^(\d+) (\d+) (\/.*)$/.exec(line);
      if (match === null) throw new RangeError(`Not a range of a file: ${line}`);
      return { offset: Number(match[1]), length: Number(match[2]), path: match[3] ?? "" };
    });
