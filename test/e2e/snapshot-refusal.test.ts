/**
 * Snapshots that were damaged, or do not fit the host any more, on the whole platform: none is started from, the function's
 * log says why, its answers stay right, and another snapshot is made (I5).
 */
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  decodeManifest,
  encodeManifest,
  type Manifest,
  MANIFEST_NAME,
} from "../../packages/sandbox/src/snapshot/catalogue/manifest.ts";
import { snapshotIdOf } from "../../packages/sandbox/src/snapshot/catalogue/snapshot-key.ts";
import { cannotRunCriu } from "../../packages/sandbox/test/needs.ts";
import { type Answer, SnapshotPlatform } from "./snapshot-platform.ts";

const NAME = "doubling";
const code = { "index.mjs": "export const handler = async ({ number }) => ({ double: number * 2 });" };

type Damage = (file: string) => void;

const damages: Readonly<Record<string, Damage>> = {
  "with a bit changed": (file) => {
    const content = readFileSync(file);
    const middle = content.length >> 1;
    content[middle] = (content[middle] ?? 0) ^ 1;
    writeFileSync(file, content);
  },
  "cut short": (file) => truncateSync(file, statSync(file).size - 1),
  missing: (file) => rmSync(file),
};

/** What a manifest says of a host that is not this one, and what people are told of it. */
const otherHosts: Readonly<
  Record<string, readonly [change: (manifest: Manifest) => Manifest, told: RegExp]>
> = {
  "has a feature of the processor that is missing here": [
    withKey("cpuFeatures", (features) => `${features} telepathy`),
    /the CPU lacks telepathy/,
  ],
  "had another kernel": [withKey("kernel", () => "2.4.0"), /kernel .+ instead of 2\.4\.0/],
  "had another criu": [withKey("criu", () => "0.1"), /criu .+ instead of 0\.1/],
  "had another runtime": [
    withKey("runtime", () => "nodejs v0.10.0"),
    /runtime .+ instead of nodejs v0\.10\.0/,
  ],
  "has run for longer": [
    (manifest) => ({ ...manifest, boot: { ...manifest.boot, monotonicSeconds: 1e9 } }),
    /its clock is behind the snapshot's/,
  ],
};

describe.skipIf(cannotRunCriu)("a snapshot (I5)", () => {
  const dataDirectory = mkdtempSync(join(tmpdir(), "frugal-refusal-"));
  let platform: SnapshotPlatform;
  let number = 0;
  let told = 0;

  beforeAll(async () => {
    platform = await SnapshotPlatform.open({ dataDirectory });
    await platform.deploy(NAME, code, { warmUp: { count: 1 } });
    await rightAnswer();
  });
  afterAll(async () => {
    await platform.close();
    rmSync(dataDirectory, { recursive: true });
  });

  async function rightAnswer(start?: string): Promise<Answer> {
    const answer = await platform.invoke(NAME, { number: ++number }, start);
    expect(answer.result).toEqual({ double: number * 2 });
    return answer;
  }

  /** What the function's log has got since this was asked last. */
  async function newInLog(): Promise<string> {
    const log = await platform.log(NAME);
    const news = log.slice(told);
    told = log.length;
    return news;
  }

  /** Makes sure that there is a snapshot which instances are started from; its folder. */
  async function folder(): Promise<string> {
    const id = await platform.snapshot(NAME);
    // Not by prefetch: nothing is learnt from it that would have files written while a test damages them.
    expect(await rightAnswer("eager")).toMatchObject({ startKind: "eager" });
    await newInLog();
    return (await platform.client.snapshot(id)).folder;
  }

  const filesOf = (path: string): readonly string[] =>
    readdirSync(path).filter((name) => !name.startsWith("."));

  it.each(Object.entries(damages))(
    "is refused with any file of it %s",
    async (_title, damage) => {
      for (const name of filesOf(await folder())) {
        damage(join(await folder(), name));
        const answer = await rightAnswer("pooled");
        expect([name, answer.startKind]).toEqual([name, "phase"]);
        expect(await newInLog()).toMatch(
          new RegExp(`could not be started by prefetch.*${name.replaceAll(".", "\\.")}`),
        );
      }
    },
    240_000,
  );

  it("is refused with a file too many", async () => {
    writeFileSync(join(await folder(), "pages-99.img"), "");
    expect(await rightAnswer("pooled")).toMatchObject({ startKind: "phase" });
    expect(await newInLog()).toContain("pages-99.img does not belong to it");
  });

  /** Stops the platform, has `change` done to the snapshot, and starts it again. */
  async function whileStopped(change: (folder: string) => void): Promise<void> {
    const path = await folder();
    await platform.close();
    change(path);
    platform = await SnapshotPlatform.open({ dataDirectory });
  }

  async function expectRefusal(told: RegExp): Promise<void> {
    expect((await rightAnswer()).startKind).toMatch(/^(boot|phase)$/);
    await expect.poll(newInLog).toMatch(told);
    // In the background, because an invocation has succeeded.
    await expect
      .poll(async () => (await rightAnswer("pooled")).startKind, { timeout: 30_000, interval: 500 })
      .toBe("prefetch");
  }

  it.each(Object.entries(damages))(
    "is refused where a file of it is %s since the platform was stopped",
    async (_title, damage) => {
      for (const name of ["page-table", MANIFEST_NAME]) {
        await whileStopped((path) => damage(join(path, name)));
        await expectRefusal(name === MANIFEST_NAME ? /cannot be used/ : /page-table/);
      }
    },
  );

  it.each(Object.entries(otherHosts))(
    "is refused where the host that made it %s",
    async (_title, [change, told]) => {
      await whileStopped((path) => {
        const file = join(path, MANIFEST_NAME);
        const manifest = change(decodeManifest(readFileSync(file, "utf8")));
        writeFileSync(file, encodeManifest(manifest));
        const root = join(path, "..");
        const id = snapshotIdOf(manifest.key);
        renameSync(path, join(root, id));
        for (const other of readdirSync(root))
          if (other !== id) rmSync(join(root, other), { recursive: true });
      });
      await expectRefusal(told);
    },
  );
});

function withKey(dimension: string, change: (value: string) => string): (manifest: Manifest) => Manifest {
  return (manifest) => {
    const value = manifest.key[dimension];
    if (value === undefined) throw new Error(`snapshots do not depend on ${dimension}`);
    return { ...manifest, key: { ...manifest.key, [dimension]: change(value) } };
  };
}
