/**
 * Files that are there whole or not at all, also after the power failed: written beside their place, flushed, renamed.
 */
import { randomUUID } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** In the name of a file that is being written; what a killed process left may be removed by it. */
export const DRAFT_SUFFIX = ".draft";

/** Readers of `path` see the old content or all that `write` wrote. */
export async function replaceDurably(
  path: string,
  write: (draft: FileHandle) => Promise<void>,
): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}-${randomUUID()}${DRAFT_SUFFIX}`);
  try {
    const file = await open(draft, "wx", 0o600);
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await flush(dirname(path));
}

export const writeDurably = (path: string, content: Buffer | string): Promise<void> =>
  replaceDurably(path, (draft) => draft.writeFile(content));

/** Brings a file's content, or a folder's names, to the disk. */
export async function flush(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
