/**
 * The snapshots that a catalogue has, who uses them, and which of them make room for others.
 *
 * A removed snapshot is off the shelf at once; its files go with its last user.
 */
import { join } from "node:path";
import { type Bytes, bytes, type Clock, seconds } from "@frugal/core";
import { deleteFolder, moveAside } from "./catalogue-root.ts";
import { chooseVictims, type EvictionCandidate } from "./eviction.ts";
import type { Manifest } from "./manifest.ts";
import type { SnapshotFolder } from "./snapshot-folder.ts";
import type { UseRecord } from "./use-record.ts";

export interface Snapshot {
  readonly id: string;
  readonly folder: string;
  readonly manifest: Manifest;
  readonly size: Bytes;
}

/** `why` it was removed, in words. */
export type RemovalListener = (snapshot: Snapshot, why: string) => void;

/** One that is, or was, on the shelf. */
export interface ShelfEntry {
  readonly id: string;
  readonly folder: SnapshotFolder;
}

interface Entry {
  readonly id: string;
  folder: SnapshotFolder;
  users: number;
}

export interface ShelfOptions {
  readonly root: string;
  readonly sizeLimit: Bytes;
  readonly clock: Clock;
}

export class Shelf {
  readonly #options: ShelfOptions;
  readonly #uses: UseRecord;
  readonly #entries: Map<string, Entry>;
  /** Removed, with users. */
  readonly #leaving = new Set<Entry>();
  #whenRemoved: RemovalListener = () => undefined;

  constructor(options: ShelfOptions, folders: ReadonlyMap<string, SnapshotFolder>, uses: UseRecord) {
    this.#options = options;
    this.#uses = uses;
    this.#entries = new Map([...folders].map(([id, folder]) => [id, { id, folder, users: 0 }]));
  }

  /** `tell` hears of every snapshot that leaves the shelf, at once and before another can take its place. */
  onRemoval(tell: RemovalListener): void {
    this.#whenRemoved = tell;
  }

  get(id: string): ShelfEntry | undefined {
    return this.#entries.get(id);
  }

  list(): readonly Snapshot[] {
    return [...this.#entries.values()].map(snapshotOf);
  }

  /** On disk, with what is still used though it was removed. */
  get size(): Bytes {
    const entries = [...this.#entries.values(), ...this.#leaving];
    return bytes(entries.reduce((sum, { folder }) => sum + folder.size, 0));
  }

  retain(id: string): (() => Promise<void>) | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    entry.users++;
    let isReleased = false;
    return async () => {
      if (isReleased) return;
      isReleased = true;
      entry.users--;
      if (entry.users === 0 && this.#leaving.delete(entry)) await this.#deleteFiles(entry);
    };
  }

  /** Idempotent: `entry` may have been removed, or replaced by another of the same id. */
  async remove({ id, folder }: ShelfEntry, why: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry?.folder !== folder) return;
    this.#entries.delete(id);
    this.#whenRemoved(snapshotOf(entry), why);
    if (entry.users > 0) this.#leaving.add(entry);
    else await this.#deleteFiles(entry);
  }

  /**
   * Puts the files in `staging` in the place of the snapshot `id`. One that still has users keeps its files, under another
   * name: who serves pages of it has them open.
   */
  async place(
    id: string,
    sealed: SnapshotFolder,
    rename: (path: string) => Promise<void>,
  ): Promise<Snapshot> {
    const path = join(this.#options.root, id);
    const old = this.#entries.get(id);
    if (old !== undefined) await this.remove(old, "it was made anew");
    const aside = await moveAside(this.#options.root, path);
    const user = [...this.#leaving].find(({ folder }) => folder.path === path);
    if (aside !== undefined && user !== undefined) user.folder = user.folder.movedTo(aside);
    else if (aside !== undefined) await deleteFolder(this.#options.root, aside);
    await rename(path);
    const entry = { id, folder: sealed.movedTo(path), users: 0 };
    this.#entries.set(id, entry);
    return snapshotOf(entry);
  }

  /** Makes room for `incoming` bytes in the place of the snapshot `id`; false, with all as it was, where it cannot. */
  async makeRoom(incoming: Bytes, id?: string): Promise<boolean> {
    const replaced = id === undefined ? undefined : this.#entries.get(id);
    const freed = replaced?.users === 0 ? replaced.folder.size : 0;
    const excess = bytes(this.size + incoming - freed - this.#options.sizeLimit);
    const candidates = this.#candidates().filter((candidate) => candidate.id !== id);
    const idle = candidates.filter(({ isInUse }) => !isInUse);
    const canFree = idle.reduce((sum, { size }) => sum + size, 0);
    if (incoming > 0 && canFree < excess) return false;
    for (const victim of chooseVictims(candidates, excess)) {
      const entry = this.#entries.get(victim);
      if (entry !== undefined) await this.remove(entry, "others needed its room");
    }
    return true;
  }

  #candidates(): readonly EvictionCandidate[] {
    const now = this.#options.clock.wall();
    return [...this.#entries.values()].map(({ id, folder, users }) => {
      const made = seconds(Date.parse(folder.manifest.createdAt) / 1e3);
      return { id, size: bytes(folder.size), isInUse: users > 0, ...this.#uses.of(id, made, now) };
    });
  }

  /** Where that fails, the next start of the platform does it. */
  async #deleteFiles({ folder }: Entry): Promise<void> {
    await deleteFolder(this.#options.root, folder.path).catch(() => undefined);
  }
}

export const snapshotOf = ({ id, folder }: ShelfEntry): Snapshot => ({
  id,
  folder: folder.path,
  manifest: folder.manifest,
  size: bytes(folder.size),
});
