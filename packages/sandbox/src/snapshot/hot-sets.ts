/**
 * Working sets that the pager keeps in memory: those of the snapshots that were started last, as many as fit.
 */
import type { Bytes } from "@frugal/core";
import { type FileStamp, stampOf } from "./catalogue/disk/checksum.ts";
import type { Pager } from "./pager/pager.ts";

export class HotSets {
  readonly #pager: Pager;
  readonly #limit: Bytes;
  /** By path as they were when they were read, the one that was used last at the end. */
  readonly #kept = new Map<string, FileStamp>();

  constructor(pager: Pager, limit: Bytes) {
    this.#pager = pager;
    this.#limit = limit;
  }

  /** The working set at `path` was just used, or written anew. */
  touch(path: string): void {
    const stamp = stampOf(path);
    const kept = this.#kept.get(path);
    this.#kept.delete(path);
    if (stamp === undefined || stamp.size > this.#limit) {
      if (kept !== undefined) this.#pager.forget(path);
      return;
    }
    this.#kept.set(path, stamp);
    if (kept?.identity !== stamp.identity) this.#pager.preload(path);
    this.#makeRoom();
  }

  forget(path: string): void {
    if (this.#kept.delete(path)) this.#pager.forget(path);
  }

  #makeRoom(): void {
    let total = [...this.#kept.values()].reduce((sum, { size }) => sum + size, 0);
    for (const [path, { size }] of this.#kept) {
      if (total <= this.#limit) return;
      total -= size;
      this.forget(path);
    }
  }
}
