/**
 * What the platform tells of its snapshots: whether a function has one, where it is, and what its last restore took.
 * Everything that depends on how /v1/snapshots counts is here.
 */
import type { PlatformClient } from "@frugal/cli";
import { FrugalError } from "@frugal/core";

/** What one restore took. */
export interface RestoreFigures {
  /** Faults that were served one by one until the first answer. */
  readonly faults: number;
  /** Pages that were installed: ahead, and one for each fault. An eager restore installs all of its image. */
  readonly pages: number;
}

export interface SnapshotFigures {
  readonly id: string;
  /** Starts from it so far whose figures are known. */
  readonly starts: number;
  /** Of the pages that are installed ahead, those that hold only zeros included. */
  readonly workingSetBytes: number | undefined;
}

const PAGE_BYTES = 4096;

export class SnapshotSource {
  readonly #client: PlatformClient;
  readonly #folders = new Map<string, string>();

  constructor(client: PlatformClient) {
    this.#client = client;
  }

  /** Asks for a snapshot of the function and waits for it; the reason in words where none comes. */
  async make(fn: string): Promise<string | undefined> {
    try {
      await this.#client.buildSnapshot(fn, true);
      return undefined;
    } catch (error) {
      if (error instanceof FrugalError && error.code !== "unreachable") return error.message;
      throw error;
    }
  }

  /** Undefined where the function has no snapshot of its own. */
  async figuresOf(fn: string): Promise<SnapshotFigures | undefined> {
    const all = await this.#client.snapshots();
    const own = all.find(({ kind, functions }) => kind === "function" && functions.includes(fn));
    if (own === undefined) return undefined;
    const { id, starts, workingSetPages } = own;
    return {
      id,
      starts,
      workingSetBytes: workingSetPages === null ? undefined : workingSetPages * PAGE_BYTES,
    };
  }

  /** Where its files are. */
  async folderOf(id: string): Promise<string> {
    const known = this.#folders.get(id) ?? (await this.#client.snapshot(id)).folder;
    this.#folders.set(id, known);
    return known;
  }

  /** Of the last restore whose figures are known; undefined where none are. */
  async lastRestore(id: string): Promise<RestoreFigures | undefined> {
    const { lastRestores, pages } = await this.#client.snapshot(id);
    const last = lastRestores.at(-1);
    if (last?.kind === "eager") return { faults: 0, pages };
    if (last === undefined || last.faults === null) return undefined;
    return { faults: last.faults, pages: last.prefetchedPages + last.faults };
  }
}
