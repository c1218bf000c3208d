/**
 * The files of one snapshot: whether they are still those of its manifest, and changing some of them.
 *
 * Checksums are computed once in a process and again whenever a file's stamp changes; in between, a look at the stamps is
 * enough.
 *
 * Invariants (cited by the tests):
 *   I1  a folder is whole exactly when it has the files of its manifest and no others, byte by byte
 *   I2  after a crash at any moment of a replacement, the folder is whole with the old file or the new
 */
import { createHash } from "node:crypto";
import { readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "@frugal/core";
import { contentOf, type FileStamp, stampOf } from "./disk/checksum.ts";
import { DRAFT_SUFFIX, flush, writeDurably } from "./disk/durable-file.ts";
import {
  decodeManifest,
  encodeManifest,
  type FileContent,
  type Manifest,
  MANIFEST_NAME,
  type ManifestFile,
} from "./manifest.ts";

const isDraft = (name: string): boolean => name.startsWith(".") && name.endsWith(DRAFT_SUFFIX);

/** Names of what `folder` holds, sorted, without the manifest and drafts. */
const namesIn = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder)).filter((name) => name !== MANIFEST_NAME && !isDraft(name)).sort();

export class SnapshotFolder {
  readonly path: string;
  #manifest: Manifest;
  /** What files had when their checksums were found right. */
  readonly #verified = new Map<string, string>();

  private constructor(path: string, manifest: Manifest) {
    this.path = path;
    this.#manifest = manifest;
  }

  /** Of a folder that was there before this process; an Error that says what is wrong with it where it cannot be used. */
  static async load(path: string): Promise<SnapshotFolder> {
    const manifest = await readFile(join(path, MANIFEST_NAME), "utf8").then(decodeManifest);
    const drafts = (await readdir(path)).filter(isDraft);
    for (const draft of drafts) await rm(join(path, draft), { recursive: true, force: true });
    const folder = new SnapshotFolder(path, manifest);
    await folder.#settle();
    return folder;
  }

  /** Makes a snapshot of the files in `path`: their checksums, on the disk with all they say. */
  static async seal(path: string, manifest: Omit<Manifest, "files">): Promise<SnapshotFolder> {
    const folder = new SnapshotFolder(path, { ...manifest, files: [] });
    const files: ManifestFile[] = [];
    for (const name of await namesIn(path)) {
      const file = join(path, name);
      const stamp = stampOf(file);
      if (stamp === undefined) throw new Error(`${file} is no regular file`);
      await flush(file);
      files.push({ name, ...(await contentOf(file)) });
      folder.#verified.set(name, stamp.identity);
    }
    await folder.#write({ ...manifest, files });
    return folder;
  }

  get manifest(): Manifest {
    return this.#manifest;
  }

  /** Bytes on disk. */
  get size(): number {
    return this.#manifest.files.reduce((sum, { size }) => sum + size, 0);
  }

  /** The same folder after it was renamed to `path`. Renaming changes the stamp of the folder, not those of its files. */
  movedTo(path: string): SnapshotFolder {
    const moved = new SnapshotFolder(path, this.#manifest);
    for (const [name, identity] of this.#verified) moved.#verified.set(name, identity);
    return moved;
  }

  /** Bytes that had to be read, or what is wrong, in words that name the file. */
  async check(): Promise<{ readonly hashed: number } | { readonly damage: string }> {
    try {
      const names = await namesIn(this.path);
      const extra = names.find((name) => !this.#manifest.files.some((file) => file.name === name));
      if (extra !== undefined) return { damage: `${extra} does not belong to it` };
      // Sizes first: they cost nothing, and a file cut short is the likeliest damage.
      const stamps = this.#expected().map((file) => this.#stamped(file));
      const wrongSize = stamps.find(({ damage }) => damage !== undefined);
      if (wrongSize?.damage !== undefined) return { damage: wrongSize.damage };
      let hashed = 0;
      for (const { file, stamp } of stamps) {
        if (stamp === undefined || this.#verified.get(file.name) === stamp.identity) continue;
        const content = await contentOf(join(this.path, file.name));
        hashed += content.size;
        if (!candidatesOf(file).some((one) => isSame(one, content))) {
          return { damage: `${file.name} has changed: its checksum is wrong` };
        }
        this.#verified.set(file.name, stamp.identity);
      }
      return { hashed };
    } catch (error) {
      return { damage: `it cannot be read: ${messageOf(error)}` };
    }
  }

  /**
   * Puts the file at `draft`, of the same file system, in the place of `name`. For a moment the manifest allows the old and
   * the new one, so that there is no moment at which it allows neither.
   */
  async replace(name: string, draft: string): Promise<void> {
    await flush(draft);
    const content = await contentOf(draft);
    const old = this.#manifest.files.find((file) => file.name === name);
    const previous = old === undefined ? null : { size: old.size, sha256: old.sha256 };
    await this.#write(withFile(this.#manifest, { name, ...content, previous }));
    await rename(draft, join(this.path, name));
    await flush(this.path);
    await this.#write(withFile(this.#manifest, { name, ...content }));
  }

  /** Replaces what the manifest says, but the files. */
  describe(change: Partial<Omit<Manifest, "files" | "version">>): Promise<void> {
    return this.#write({ ...this.#manifest, ...change });
  }

  async #write(manifest: Manifest): Promise<void> {
    await writeDurably(join(this.path, MANIFEST_NAME), encodeManifest(manifest));
    this.#manifest = manifest;
  }

  /** Ends replacements that were cut short. What is neither the old file nor the new one is found by the next check. */
  async #settle(): Promise<void> {
    const { files } = this.#manifest;
    if (files.every(({ previous }) => previous === undefined)) return;
    const settled = await Promise.all(
      files.map(async (file): Promise<readonly ManifestFile[]> => {
        const { previous, ...next } = file;
        if (previous === undefined) return [file];
        const path = join(this.path, file.name);
        const isNew = stampOf(path) !== undefined && isSame(await contentOf(path), next);
        if (isNew) return [next];
        return previous === null ? [] : [{ name: file.name, ...previous }];
      }),
    );
    await this.#write({ ...this.#manifest, files: settled.flat() });
  }

  /** The files of the manifest, and the manifest itself. */
  #expected(): readonly ManifestFile[] {
    return [
      ...this.#manifest.files,
      { name: MANIFEST_NAME, ...contentOfText(encodeManifest(this.#manifest)) },
    ];
  }

  #stamped(file: ManifestFile): StampedFile {
    const stamp = stampOf(join(this.path, file.name));
    if (stamp === undefined) {
      return file.previous === null ? { file } : { file, damage: `${file.name} is missing` };
    }
    if (candidatesOf(file).some(({ size }) => size === stamp.size)) return { file, stamp };
    return { file, damage: `${file.name} has ${stamp.size} bytes instead of ${file.size}` };
  }
}

interface StampedFile {
  readonly file: ManifestFile;
  readonly stamp?: FileStamp;
  readonly damage?: string;
}

/** What the file may be. */
const candidatesOf = ({ previous, ...next }: ManifestFile): readonly FileContent[] =>
  previous == null ? [next] : [next, previous];

const isSame = (one: FileContent, other: FileContent): boolean =>
  one.size === other.size && one.sha256 === other.sha256;

function contentOfText(text: string): FileContent {
  const content = Buffer.from(text);
  return { size: content.length, sha256: createHash("sha256").update(content).digest("hex") };
}

const withFile = (manifest: Manifest, file: ManifestFile): Manifest => ({
  ...manifest,
  files: [...manifest.files.filter(({ name }) => name !== file.name), file],
});
