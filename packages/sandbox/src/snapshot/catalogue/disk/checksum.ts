/**
 * Checksums of files, and the cheap sign that a file has not changed since one was computed.
 */
import { createHash } from "node:crypto";
import { createReadStream, lstatSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { FileContent } from "../manifest.ts";

/** Read at a time; other work runs in between. */
const CHUNK = 256 * 1024;

/** Of the whole file at `path`. */
export async function contentOf(path: string): Promise<FileContent> {
  const hash = createHash("sha256");
  let size = 0;
  await pipeline(createReadStream(path, { highWaterMark: CHUNK }), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      hash.update(chunk);
      size += chunk.length;
    }
  });
  return { size, sha256: hash.digest("hex") };
}

/** What the file system says about a file: writing to it or putting another in its place changes the stamp. */
export interface FileStamp {
  readonly size: number;
  /** Inode, times of modification and change. */
  readonly identity: string;
}

/**
 * Of the regular file at `path`; undefined where there is none. Not asynchronous: asked for each file at each start from a
 * snapshot, the thread pool would take many times as long as the answer.
 */
export function stampOf(path: string): FileStamp | undefined {
  const file = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (file?.isFile() !== true) return undefined;
  return { size: Number(file.size), identity: `${file.ino} ${file.mtimeNs} ${file.ctimeNs} ${file.size}` };
}
