/**
 * The snapshots of a platform on disk: one folder each below a root that no other platform uses.
 *
 * It makes and restores nothing: who makes a snapshot asks for a staging folder and commits it; who restores one finds it by
 * its key, retains it, has it verified, and releases it after the last clone has ended.
 *
 * Invariants (cited by the tests):
 *   S1  a snapshot is in the catalogue complete or not at all, whenever the process or the host stops
 *   S2  what was changed, cut, lost or added on disk is refused with a reason that names it, and used no more
 *   S3  a snapshot is found only for a key that it serves, and not before the host's clock has reached its own
 *   S4  all together are no larger than the limit, unless those in use are
 *   S5  the files of a retained snapshot stay until it is released
 */
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Bytes, bytes, FrugalError, inMebibytes, minus, type Seconds } from "@frugal/core";
import { type LoadedRoot, loadRoot, makeStaging } from "./catalogue-root.ts";
import { flush } from "./disk/durable-file.ts";
import { storageFailure } from "./disk/storage-failure.ts";
import { Turns } from "./disk/turns.ts";
import type { BootTime } from "./host-state.ts";
import { type Manifest, newManifest, type SnapshotDescription } from "./manifest.ts";
import { Shelf, type RemovalListener, type ShelfOptions, type Snapshot, snapshotOf } from "./shelf.ts";
import { differences, type SnapshotKey, snapshotIdOf } from "./snapshot-key.ts";
import { SnapshotFolder } from "./snapshot-folder.ts";
import { UseRecord } from "./use-record.ts";

export interface CatalogueOptions extends ShelfOptions {
  readonly bootTime: () => BootTime;
}

export type Finding =
  | { readonly kind: "found"; readonly snapshot: Snapshot }
  | { readonly kind: "none" }
  /** There is one, but not for this host as it is now. */
  | { readonly kind: "refused"; readonly reason: string };

export type Verification =
  /** `hashed` bytes had to be read for it. */
  | { readonly kind: "whole"; readonly hashed: Bytes; readonly time: Seconds }
  /** It is no longer in the catalogue. */
  | { readonly kind: "refused"; readonly reason: string };

const USE_FILE = "use.json";

export class Catalogue {
  /** What was on disk at the start and could not be used, in words. */
  readonly refusals: readonly string[];
  readonly #options: CatalogueOptions;
  readonly #shelf: Shelf;
  readonly #uses: UseRecord;
  /** Of a snapshot's files, one action at a time; evictions do not wait, or two commits could wait for each other. */
  readonly #turns = new Turns();

  private constructor(options: CatalogueOptions, { folders, refusals }: LoadedRoot, uses: UseRecord) {
    this.#options = options;
    this.#shelf = new Shelf(options, folders, uses);
    this.refusals = refusals;
    this.#uses = uses;
  }

  /** Of what is in the root; removes what a killed process left half done, and what cannot be used. */
  static async open(options: CatalogueOptions): Promise<Catalogue> {
    try {
      const loaded = await loadRoot(options.root);
      const catalogue = new Catalogue(options, loaded, await UseRecord.open(join(options.root, USE_FILE)));
      await catalogue.#shelf.makeRoom(bytes(0));
      return catalogue;
    } catch (error) {
      throw storageFailure(`The snapshots in ${options.root} cannot be opened`, error);
    }
  }

  /** Keeps what was learnt about use. Running clones are not affected. */
  async close(): Promise<void> {
    await this.#uses.save(this.#options.clock.wall()).catch(() => undefined);
  }

  list(): readonly Snapshot[] {
    return this.#shelf.list();
  }

  get(id: string): Snapshot | undefined {
    const entry = this.#shelf.get(id);
    return entry === undefined ? undefined : snapshotOf(entry);
  }

  /**
   * `tell` hears of every snapshot that is removed, evicted, refused or replaced: at once, so that nobody keeps what another
   * of the same id would be taken for.
   */
  onRemoval(tell: RemovalListener): void {
    this.#shelf.onRemoval(tell);
  }

  /** On disk, with what is still used though it was removed. */
  get size(): Bytes {
    return this.#shelf.size;
  }

  /** The one for `key`; reads nothing, so that `verify` must follow. */
  find(key: SnapshotKey): Finding {
    const entry = this.#shelf.get(snapshotIdOf(key));
    if (entry === undefined) return { kind: "none" };
    const snapshot = snapshotOf(entry);
    const reasons = [...differences(key, snapshot.manifest.key), ...this.#clockReasons(snapshot)];
    if (reasons.length > 0) return { kind: "refused", reason: reasons.join("; ") };
    return { kind: "found", snapshot };
  }

  /** Why `find` has none for `key`, if there is one of the same kind and function: how that differs, in words. */
  explain(key: SnapshotKey, functionName: string): string | undefined {
    const [closest] = this.list()
      .filter(({ manifest }) => manifest.functions.includes(functionName))
      .filter(({ manifest }) => manifest.key["kind"] === key["kind"])
      .map((snapshot) => [...differences(key, snapshot.manifest.key), ...this.#clockReasons(snapshot)])
      .sort((a, b) => a.length - b.length);
    return closest === undefined || closest.length === 0 ? undefined : closest.join("; ");
  }

  /** Processes of an earlier start of the host wait for moments that this one reaches much later. */
  #clockReasons({ manifest: { boot } }: Snapshot): readonly string[] {
    const { bootId, monotonic } = this.#options.bootTime();
    if (monotonic >= boot.monotonicSeconds) return [];
    const cause = bootId === boot.id ? "its clock" : "it was restarted, and its clock";
    const [now, made] = [monotonic.toFixed(0), boot.monotonicSeconds.toFixed(0)];
    return [`the host has run for ${now} s: ${cause} is behind the snapshot's (${made} s)`];
  }

  /** Looks at the files of the snapshot `id`; a damaged one is removed. Cheap but the first time and after changes. */
  verify(id: string): Promise<Verification> {
    return this.#turns.take(id, async () => {
      const started = this.#options.clock.now();
      const entry = this.#shelf.get(id);
      if (entry === undefined) return { kind: "refused", reason: "it is not in the catalogue" };
      const result = await entry.folder.check();
      if ("damage" in result) {
        await this.#shelf.remove(entry, result.damage);
        return { kind: "refused", reason: result.damage };
      }
      const time = minus(this.#options.clock.now(), started);
      return { kind: "whole", hashed: bytes(result.hashed), time };
    });
  }

  /** An empty folder for the files of a new snapshot. FrugalError storage-failed where the disk has no room for it. */
  begin(): Promise<string> {
    return makeStaging(this.#options.root).catch((error: unknown) => {
      throw storageFailure("No snapshot can be made", error);
    });
  }

  /** Gives up what `begin` began. */
  async discard(staging: string): Promise<void> {
    await rm(staging, { recursive: true, force: true });
  }

  /**
   * Makes the files in `staging` a snapshot, in the place of one with the same id. FrugalError storage-failed where the disk
   * does not take it or the limit leaves no room; the staging folder is gone either way.
   */
  async commit(staging: string, description: SnapshotDescription): Promise<Snapshot> {
    const id = snapshotIdOf(description.key);
    const { clock, root, bootTime } = this.#options;
    const { bootId, monotonic } = bootTime();
    const manifest = newManifest({
      ...description,
      createdAt: new Date(clock.wall() * 1e3).toISOString(),
      boot: { id: bootId, monotonicSeconds: monotonic },
      files: [],
    });
    return this.#turns.take(id, async () => {
      try {
        const sealed = await SnapshotFolder.seal(staging, manifest);
        if (!(await this.#shelf.makeRoom(bytes(sealed.size), id))) throw this.#tooLarge(bytes(sealed.size));
        return await this.#shelf.place(id, sealed, async (path) => {
          await rename(staging, path);
          await flush(root);
        });
      } catch (error) {
        await this.discard(staging);
        throw storageFailure("The snapshot cannot be stored", error);
      }
    });
  }

  #tooLarge(size: Bytes): FrugalError {
    const [need, limit] = [size, this.#options.sizeLimit].map((one) => `${inMebibytes(one).toFixed(1)} MiB`);
    return new FrugalError(
      "storage-failed",
      `The snapshot cannot be stored: it needs ${need}, and the limit of ${limit} for all snapshots leaves no room beside those in use. Raise the limit.`,
    );
  }

  /**
   * Replaces the file `name` of the snapshot `id`, or adds it, by what `write` puts at the path it is given. Who reads the
   * old one goes on with it. FrugalError storage-failed with the old file in place.
   */
  async replace(id: string, name: string, write: (path: string) => Promise<unknown>): Promise<void> {
    const staging = await this.begin();
    try {
      const draft = join(staging, name);
      await write(draft);
      await this.#changed(id, (folder) => folder.replace(name, draft));
    } catch (error) {
      throw storageFailure(`The file ${name} of the snapshot ${id} cannot be replaced`, error);
    } finally {
      await this.discard(staging);
    }
  }

  /** Stores figures that were measured since the snapshot was made. */
  async measured(id: string, measured: Manifest["measured"]): Promise<void> {
    try {
      await this.#changed(id, (folder) => folder.describe({ measured }));
    } catch (error) {
      throw storageFailure(`Figures of the snapshot ${id} cannot be stored`, error);
    }
  }

  #changed(id: string, change: (folder: SnapshotFolder) => Promise<void>): Promise<void> {
    return this.#turns.take(id, async () => {
      const entry = this.#shelf.get(id);
      if (entry === undefined) throw new FrugalError("not-found", `There is no snapshot ${id} any more.`);
      await change(entry.folder);
    });
  }

  /** Takes it out of the catalogue; the files of one in use stay until it is released. Idempotent. */
  remove(id: string, why = "it was removed"): Promise<void> {
    return this.#turns.take(id, async () => {
      const entry = this.#shelf.get(id);
      if (entry === undefined) return;
      this.#uses.forget(id);
      await this.#shelf.remove(entry, why);
    });
  }

  /** Keeps the files of a snapshot until the result is called; undefined where there is no such snapshot. */
  retain(id: string): (() => Promise<void>) | undefined {
    return this.#shelf.retain(id);
  }

  /** A start from the snapshot `id` that was so much faster than one without it, where that is known. */
  started(id: string, saved: Seconds | undefined): void {
    this.#uses.started(id, saved, this.#options.clock.wall());
  }
}
