import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mebibytes, seconds } from "@frugal/core";
import { Catalogue, type CatalogueOptions } from "../src/snapshot/catalogue/catalogue.ts";
import type { BootTime } from "../src/snapshot/catalogue/host-state.ts";
import type { SnapshotDescription } from "../src/snapshot/catalogue/manifest.ts";
import type { Snapshot } from "../src/snapshot/catalogue/shelf.ts";
import type { SnapshotKey } from "../src/snapshot/catalogue/snapshot-key.ts";
import { FakeClock } from "./fake-clock.ts";

export const fakeKey = (change: SnapshotKey = {}): SnapshotKey => ({
  kernel: "6.1",
  cpuFeatures: "avx avx2",
  code: "aa",
  ...change,
});

export const fakeDescription = (change: SnapshotKey = {}): SnapshotDescription => ({
  kind: "function",
  functions: ["thumbnail"],
  key: fakeKey(change),
  pids: [100, 101],
  sockets: [11, 12, 13],
  external: ["unix[13]"],
  measured: { dumpMilliseconds: 40, restoreMilliseconds: [] },
});

/** Small, but with the kinds of names that criu gives. */
export const fakeFiles: Readonly<Record<string, string>> = {
  "core-100.img": "core of 100",
  "pages-1.img": "x".repeat(500),
  "page-table": "table",
  "working-set": "set",
};

/** A host whose clock and boot a test moves. */
export class FakeHost {
  readonly clock = new FakeClock();
  boot: BootTime = { bootId: "first", monotonic: seconds(1000) };
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  open(options: Partial<CatalogueOptions> = {}): Promise<Catalogue> {
    return Catalogue.open({
      root: this.#root,
      sizeLimit: mebibytes(1),
      clock: this.clock,
      bootTime: () => this.boot,
      ...options,
    });
  }
}

/** Stores a snapshot with `files` for the key that `change` makes. */
export async function storeFake(
  catalogue: Catalogue,
  change: SnapshotKey = {},
  files: Readonly<Record<string, string>> = fakeFiles,
): Promise<Snapshot> {
  const staging = await catalogue.begin();
  writeFiles(staging, files);
  return catalogue.commit(staging, fakeDescription(change));
}

export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
}
