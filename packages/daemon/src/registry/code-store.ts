/**
 * Code packages on disk, one folder per content: `<dataDirectory>/code/<SHA-256 of the zip>/`.
 *
 * A folder appears complete or not at all: packages are unpacked beside it and renamed. Instances may use a folder until
 * the platform ends, so unused ones are removed at the next start only.
 */
import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Bytes, bytes, FrugalError } from "@frugal/core";
import { checkPackage, unpackPackage } from "./code-package.ts";
import { storageFailure } from "./database.ts";

export interface StoredCode {
  /** Base64, of the zip. */
  readonly sha256: string;
  /** Of the zip. */
  readonly size: Bytes;
}

const unpacking = ".unpacking-";

export class CodeStore {
  readonly #folder: string;

  constructor(dataDirectory: string) {
    this.#folder = join(dataDirectory, "code");
  }

  /** Unpacks `zip`, unless the same package is there already. FrugalError invalid-package or storage-failed. */
  async add(zip: Buffer): Promise<StoredCode> {
    const code = identify(zip);
    const folder = this.folderOf(code.sha256);
    try {
      if (await exists(folder)) return code;
      const draft = join(this.#folder, unpacking + randomUUID());
      try {
        await mkdir(draft, { recursive: true, mode: 0o711 });
        await unpackPackage(zip, draft);
        await rename(draft, folder);
      } catch (error) {
        await rm(draft, { recursive: true, force: true });
        // The same package may have been added at the same time.
        if (error instanceof FrugalError || !(await exists(folder))) throw error;
      }
      return code;
    } catch (cause) {
      throw storageFailure("The code package cannot be stored", cause);
    }
  }

  /** What `add` would say, without storing anything. */
  async check(zip: Buffer): Promise<StoredCode> {
    await checkPackage(zip);
    return identify(zip);
  }

  /** Whether the package is there. */
  has(sha256: string): Promise<boolean> {
    return exists(this.folderOf(sha256));
  }

  folderOf(sha256: string): string {
    return join(this.#folder, Buffer.from(sha256, "base64").toString("hex"));
  }

  /** Removes every package but those in `used`, and what an interrupted start left. Only while no instance runs. */
  async removeUnused(used: ReadonlySet<string>): Promise<void> {
    const kept = new Set([...used].map((sha256) => this.folderOf(sha256)));
    const present = await readdir(this.#folder).catch(() => []);
    for (const name of present) {
      const path = join(this.#folder, name);
      if (!kept.has(path)) await rm(path, { recursive: true, force: true });
    }
  }
}

const identify = (zip: Buffer): StoredCode => ({
  sha256: createHash("sha256").update(zip).digest("base64"),
  size: bytes(zip.length),
});

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
