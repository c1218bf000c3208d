/**
 * The folder that holds the snapshots: `<id>` for each, and names with a dot for what is on its way in or out. Other files
 * in it are somebody else's and left alone.
 */
import { randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "@frugal/core";
import { isErrorCode } from "./disk/storage-failure.ts";
import { snapshotIdOf } from "./snapshot-key.ts";
import { SnapshotFolder } from "./snapshot-folder.ts";

const STAGING = ".staging-";
const REMOVED = ".removed-";
const idPattern = /^[0-9a-f]{32}$/;

/** An empty folder for a new snapshot, on the same file system. */
export async function makeStaging(root: string): Promise<string> {
  const folder = join(root, STAGING + randomUUID());
  await mkdir(folder, { mode: 0o700 });
  return folder;
}

/** Gives the name at `path` free; where its files are now, undefined where there were none. */
export async function moveAside(root: string, path: string): Promise<string | undefined> {
  const aside = join(root, REMOVED + randomUUID());
  try {
    await rename(path, aside);
    return aside;
  } catch (error) {
    if (isErrorCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** Renamed first: half a folder must not look like a snapshot at the next start. What cannot be deleted goes then. */
export async function deleteFolder(root: string, path: string): Promise<void> {
  const aside = await moveAside(root, path);
  if (aside !== undefined) await rm(aside, { recursive: true, force: true }).catch(() => undefined);
}

export interface LoadedRoot {
  readonly folders: ReadonlyMap<string, SnapshotFolder>;
  /** What could not be used, and why; it is gone. */
  readonly refusals: readonly string[];
}

/** Makes `root` where it is missing, loads the snapshots in it, and removes what a killed process left half done. */
export async function loadRoot(root: string): Promise<LoadedRoot> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  const folders = new Map<string, SnapshotFolder>();
  const refusals: string[] = [];
  for (const name of await readdir(root)) {
    const path = join(root, name);
    if (name.startsWith(STAGING) || name.startsWith(REMOVED)) {
      await rm(path, { recursive: true, force: true });
    }
    if (!idPattern.test(name)) continue;
    try {
      const folder = await SnapshotFolder.load(path);
      if (snapshotIdOf(folder.manifest.key) !== name)
        throw new Error("its manifest is that of another snapshot");
      folders.set(name, folder);
    } catch (error) {
      refusals.push(`The snapshot ${name} cannot be used: ${messageOf(error)}`);
      await deleteFolder(root, path);
    }
  }
  return { folders, refusals };
}
