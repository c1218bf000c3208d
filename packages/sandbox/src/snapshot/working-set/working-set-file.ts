/**
 * The file `working-set`: the pages that the pager installs ahead of a restore, with their data beside each other, so that
 * one sequential read brings them all.
 *
 * Little-endian: a header of 32 bytes (magic, u32 version, u32 number of extents, u64 position of the data, u64 pages of
 * data), then extents of 16 bytes (u32 pid, u32 pages, u64 address, whose lowest bit says that the pages are zero and have
 * no data), then, from a multiple of the page size, the data in order of extents.
 *
 * Invariants (cited by the tests):
 *   W1  what is decoded is what was encoded; a cut or foreign file is refused
 *   W2  the data of each page is that of the image, and the file's length is a multiple of the page size
 *   W3  the file is the old one or the new one at any moment, and memory use does not grow with its size
 */
import { type FileHandle, open } from "node:fs/promises";
import { FrugalError } from "@frugal/core";
import { replaceDurably } from "../catalogue/disk/durable-file.ts";
import { readMemoryAreas } from "../image/memory-areas.ts";
import { PAGE_SIZE } from "../image/page.ts";
import { pagesFile, pidsWithMemory, type PageTable } from "../image/page-table.ts";
import { type Extent, extentsOf } from "./extents.ts";
import { PageRuns } from "./page-runs.ts";

interface WorkingSetExtent {
  readonly pid: number;
  readonly address: number;
  readonly pages: number;
  readonly isZero: boolean;
}

/** What the file says in front of its data. */
export interface WorkingSetIndex {
  readonly extents: readonly WorkingSetExtent[];
  /** Bytes from the start of the file. */
  readonly dataOffset: number;
  readonly dataPages: number;
}

const MAGIC = "FRUGALWS";
const VERSION = 1;
const HEADER = 32;
const RECORD = 16;
/** Copied at a time. */
const CHUNK = 256 * PAGE_SIZE;

export interface WorkingSetWish {
  readonly imageFolder: string;
  readonly table: PageTable;
  /** Pages outside the areas that are restored on demand are left out. */
  readonly runs: PageRuns;
  readonly path: string;
}

/** Writes the working set of the pages `runs` to `path`; what it wrote. */
export async function writeWorkingSet(wish: WorkingSetWish): Promise<WorkingSetIndex> {
  const { imageFolder, table, runs, path } = wish;
  const areas = new Map(
    await Promise.all(
      (await pidsWithMemory(imageFolder)).map(
        async (pid) => [pid, await readMemoryAreas(imageFolder, pid)] as const,
      ),
    ),
  );
  const extents = extentsOf(runs, table, areas);
  const index = indexOf(extents);
  await replaceDurably(path, async (draft) => {
    await draft.writeFile(encodeIndex(index));
    await copyData(extents, imageFolder, draft);
  });
  return index;
}

const alignedUp = (size: number): number => Math.ceil(size / PAGE_SIZE) * PAGE_SIZE;

function indexOf(extents: readonly Extent[]): WorkingSetIndex {
  const withKind = extents.map(({ pid, address, pages, sources }) => ({
    pid,
    address,
    pages,
    isZero: sources.length === 0,
  }));
  return {
    extents: withKind,
    dataOffset: alignedUp(HEADER + RECORD * extents.length),
    dataPages: dataPagesOf(withKind),
  };
}

const dataPagesOf = (extents: readonly WorkingSetExtent[]): number =>
  extents.reduce((sum, { pages, isZero }) => sum + (isZero ? 0 : pages), 0);

async function copyData(extents: readonly Extent[], imageFolder: string, draft: FileHandle): Promise<void> {
  const open = new PagesFiles(imageFolder);
  const chunk = Buffer.allocUnsafe(CHUNK);
  let filled = 0;
  try {
    for (const { pagesId, offset, pages } of extents.flatMap(({ sources }) => sources)) {
      const size = pages * PAGE_SIZE;
      for (let done = 0; done < size;) {
        if (filled === CHUNK) {
          await draft.writeFile(chunk);
          filled = 0;
        }
        const length = Math.min(size - done, CHUNK - filled);
        await open.read(pagesId, chunk.subarray(filled, filled + length), offset + done);
        done += length;
        filled += length;
      }
    }
    await draft.writeFile(chunk.subarray(0, filled));
  } finally {
    await open.close();
  }
}

/** The pages files of an image, each opened once. */
class PagesFiles {
  readonly #folder: string;
  readonly #files = new Map<number, FileHandle>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(pagesId: number, into: Buffer, position: number): Promise<void> {
    const file = this.#files.get(pagesId) ?? (await open(pagesFile(this.#folder, pagesId)));
    this.#files.set(pagesId, file);
    for (let done = 0; done < into.length;) {
      const { bytesRead } = await file.read(into, done, into.length - done, position + done);
      if (bytesRead === 0) throw damaged(pagesFile(this.#folder, pagesId), "ends before a page of the table");
      done += bytesRead;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#files.values()].map((file) => file.close()));
  }
}

/** The part of the file in front of its data. */
function encodeIndex({ extents, dataOffset, dataPages }: WorkingSetIndex): Buffer {
  const index = Buffer.alloc(dataOffset);
  index.write(MAGIC, 0, "latin1");
  index.writeUInt32LE(VERSION, 8);
  index.writeUInt32LE(extents.length, 12);
  index.writeBigUInt64LE(BigInt(dataOffset), 16);
  index.writeBigUInt64LE(BigInt(dataPages), 24);
  extents.forEach(({ pid, address, pages, isZero }, i) => {
    const start = HEADER + RECORD * i;
    index.writeUInt32LE(pid, start);
    index.writeUInt32LE(pages, start + 4);
    index.writeBigUInt64LE(BigInt(address + (isZero ? 1 : 0)), start + 8);
  });
  return index;
}

/** What is in the file at `path`, without its data. FrugalError storage-failed where it is damaged or of another version. */
export async function readWorkingSetIndex(path: string): Promise<WorkingSetIndex> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const header = await part(file, 0, HEADER);
    if (header.length < HEADER || header.toString("latin1", 0, 8) !== MAGIC) {
      throw damaged(path, "is no working set");
    }
    if (header.readUInt32LE(8) !== VERSION) throw damaged(path, "has another version");
    const count = header.readUInt32LE(12);
    const dataOffset = Number(header.readBigUInt64LE(16));
    const dataPages = Number(header.readBigUInt64LE(24));
    if (dataOffset < HEADER + RECORD * count || size !== dataOffset + dataPages * PAGE_SIZE) {
      throw damaged(path, `has ${size} bytes instead of ${dataOffset + dataPages * PAGE_SIZE}`);
    }
    const records = await part(file, HEADER, RECORD * count);
    const extents = Array.from({ length: count }, (_, i) => extentAt(records, RECORD * i));
    if (extents.some(({ pages }) => pages === 0) || dataPagesOf(extents) !== dataPages) {
      throw damaged(path, `does not have the ${dataPages} pages of data that it says`);
    }
    return { extents, dataOffset, dataPages };
  } finally {
    await file.close();
  }
}

/**
 * The pages that a file has.
 * @internal The tests compare them with the wanted ones.
 */
export const runsOf = ({ extents }: WorkingSetIndex): PageRuns =>
  PageRuns.of(extents.map(({ pid, address, pages }) => ({ pid, first: address / PAGE_SIZE, count: pages })));

function extentAt(records: Buffer, start: number): WorkingSetExtent {
  const address = Number(records.readBigUInt64LE(start + 8));
  const isZero = address % 2 === 1;
  return {
    pid: records.readUInt32LE(start),
    address: isZero ? address - 1 : address,
    pages: records.readUInt32LE(start + 4),
    isZero,
  };
}

async function part(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

const damaged = (path: string, what: string): FrugalError =>
  new FrugalError(
    "storage-failed",
    `The file ${path} ${what}. Remove the snapshot it belongs to; it is made anew at the next start.`,
    { details: { path } },
  );
