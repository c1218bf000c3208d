import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bytes, mebibytes, seconds } from "@frugal/core";
import {
  FakeHost,
  fakeDescription,
  fakeFiles,
  fakeKey,
  storeFake,
  writeFiles,
} from "../../../test/fake-snapshot.ts";
import { isNotRoot } from "../../../test/needs.ts";
import { outputOf } from "../../host/command.ts";
import type { Catalogue } from "./catalogue.ts";
import { encodeManifest, decodeManifest, newManifest } from "./manifest.ts";
import { SnapshotFolder } from "./snapshot-folder.ts";

const fileBytes = bytes(Object.values(fakeFiles).join("").length);
const files = [...Object.keys(fakeFiles), "manifest.json"];

describe("Catalogue", () => {
  let root: string;
  let host: FakeHost;
  let catalogue: Catalogue;
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "frugal-catalogue-"));
    host = new FakeHost(root);
    catalogue = await host.open();
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const namesInRoot = (): readonly string[] => readdirSync(root).sort();

  it("tells at once of each snapshot that goes, for whatever cause", async () => {
    const gone: string[] = [];
    const size = bytes(fileBytes * 3.5);
    const small = await host.open({ sizeLimit: size });
    small.onRemoval(({ id }) => gone.push(id));
    const [a, b] = [await storeFake(small, { code: "a" }), await storeFake(small, { code: "b" })];
    expect(gone).toEqual([]);
    const release = small.retain(a.id);
    await storeFake(small, { code: "a" });
    expect(gone).toEqual([a.id]);
    await release?.();
    writeFileSync(join(b.folder, "pages-1.img"), "cut");
    await small.verify(b.id);
    expect(gone).toEqual([a.id, b.id]);
    for (const code of ["c", "d", "e"]) await storeFake(small, { code });
    expect(gone).toEqual([a.id, b.id, a.id]);
    const last = small.list().map(({ id }) => id);
    for (const id of last) await small.remove(id);
    expect(gone.slice(3)).toEqual(last);
  });

  it("explains by snapshots of the same kind only", async () => {
    await storeFake(catalogue, { kind: "runtime" });
    expect(catalogue.explain(fakeKey({ kind: "function" }), "thumbnail")).toBeUndefined();
    expect(catalogue.explain(fakeKey({ kind: "runtime", kernel: "7.0" }), "thumbnail")).toContain("kernel");
  });

  it("finds what was committed, also in the next process, and reads it once in each (S1, I1)", async () => {
    const snapshot = await storeFake(catalogue);
    expect(namesInRoot()).toEqual([snapshot.id]);
    expect(readdirSync(snapshot.folder).sort()).toEqual(files.sort());
    expect(snapshot.manifest.pids).toEqual([100, 101]);
    expect(catalogue.find(fakeKey())).toEqual({ kind: "found", snapshot });
    expect(await catalogue.verify(snapshot.id)).toMatchObject({ kind: "whole" });

    const next = await host.open();
    expect(next.refusals).toEqual([]);
    expect(next.find(fakeKey())).toEqual({ kind: "found", snapshot });
    expect(next.size).toBe(fileBytes);
    const first = await next.verify(snapshot.id);
    expect(first.kind === "whole" && first.hashed).toBeGreaterThan(fileBytes);
    expect(await next.verify(snapshot.id)).toEqual({ kind: "whole", hashed: 0, time: 0 });
  });

  it("refuses a snapshot of which any bit changed, names the file, and uses it no more (S2)", async () => {
    const position = fc.record({
      name: fc.constantFrom(...files),
      byte: fc.nat(5000),
      bit: fc.nat(7),
      isRestarted: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(position, async ({ name, byte, bit, isRestarted }) => {
        const { id, folder } = await storeFake(catalogue);
        const content = readFileSync(join(folder, name));
        const at = byte % content.length;
        content.writeUInt8(content.readUInt8(at) ^ (1 << bit), at);
        writeFileSync(join(folder, name), content);

        const user = isRestarted ? await host.open() : catalogue;
        if (isRestarted && name === "manifest.json") {
          expect(user.refusals).toEqual([expect.stringContaining(id)]);
        } else {
          const verification = await user.verify(id);
          expect(verification).toEqual({ kind: "refused", reason: expect.stringContaining(name) as string });
        }
        expect(user.find(fakeKey())).toEqual({ kind: "none" });
        expect(existsSync(folder)).toBe(false);
        await catalogue.remove(id);
      }),
      { numRuns: 60 },
    );
  });

  const damages: readonly (readonly [string, string, (folder: string) => void])[] = [
    ["cut", "pages-1.img", (folder) => truncateSync(join(folder, "pages-1.img"), 499)],
    ["emptied", "manifest.json", (folder) => truncateSync(join(folder, "manifest.json"), 0)],
    ["missing", "core-100.img", (folder) => rmSync(join(folder, "core-100.img"))],
    ["missing", "manifest.json", (folder) => rmSync(join(folder, "manifest.json"))],
    ["added", "parent", (folder) => symlinkSync("/tmp", join(folder, "parent"))],
    [
      "a folder",
      "page-table",
      (folder) => {
        rmSync(join(folder, "page-table"));
        mkdirSync(join(folder, "page-table"));
      },
    ],
    [
      "put in place of another of the same size",
      "page-table",
      (folder) => {
        writeFileSync(join(folder, "../other"), "TABLE");
        renameSync(join(folder, "../other"), join(folder, "page-table"));
      },
    ],
  ];
  it.each(damages)("refuses a snapshot where a file was %s: %s (S2)", async (_, name, damage) => {
    const { id, folder } = await storeFake(catalogue);
    damage(folder);
    const verification = await catalogue.verify(id);
    expect(verification).toEqual({ kind: "refused", reason: expect.stringContaining(name) as string });
    expect(catalogue.find(fakeKey())).toEqual({ kind: "none" });
    expect(await catalogue.verify(id)).toMatchObject({ kind: "refused" });
  });

  it("refuses a manifest of another version, and a folder under another's name, at the start (S2)", async () => {
    const { id, folder, manifest } = await storeFake(catalogue);
    const path = join(folder, "manifest.json");
    const written = readFileSync(path, "utf8");
    expect(encodeManifest(decodeManifest(written))).toBe(written);
    const newer = { ...manifest, version: 2 } as unknown as typeof manifest;
    writeFileSync(path, encodeManifest(newer));
    expect((await host.open()).refusals).toEqual([expect.stringContaining("version")]);

    const other = await storeFake(catalogue, { code: "bb" });
    renameSync(other.folder, join(root, id));
    expect((await host.open()).refusals).toEqual([expect.stringContaining("another snapshot")]);
    expect(namesInRoot()).toEqual([]);
  });

  it("says what keeps a snapshot from serving (S3)", async () => {
    await storeFake(catalogue);
    expect(catalogue.find(fakeKey({ cpuFeatures: "avx avx2 avx512f" })).kind).toBe("found");
    expect(catalogue.find(fakeKey({ cpuFeatures: "avx" }))).toEqual({
      kind: "refused",
      reason: "the CPU lacks avx2",
    });
    const newKernel = fakeKey({ kernel: "6.18" });
    expect(catalogue.find(newKernel)).toEqual({ kind: "none" });
    expect(catalogue.explain(newKernel, "thumbnail")).toBe("kernel 6.18 instead of 6.1");
    expect(catalogue.explain(newKernel, "other")).toBeUndefined();
    expect(catalogue.explain(fakeKey(), "thumbnail")).toBeUndefined();
  });

  it("waits until the host's clock has reached the snapshot's (S3)", async () => {
    await storeFake(catalogue);
    host.boot = { bootId: "second", monotonic: seconds(999) };
    expect(catalogue.find(fakeKey())).toEqual({
      kind: "refused",
      reason: "the host has run for 999 s: it was restarted, and its clock is behind the snapshot's (1000 s)",
    });
    host.boot = { bootId: "second", monotonic: seconds(1000) };
    expect(catalogue.find(fakeKey()).kind).toBe("found");
  });

  it("removes what a killed process left half done, and nothing of others (S1)", async () => {
    const { id } = await storeFake(catalogue);
    await catalogue.begin();
    const sealed = await catalogue.begin();
    writeFiles(sealed, fakeFiles);
    const boot = { id: "first", monotonicSeconds: 0 };
    const createdAt = "2026-01-01T00:00:00.000Z";
    await SnapshotFolder.seal(
      sealed,
      newManifest({ ...fakeDescription({ code: "cc" }), createdAt, boot, files: [] }),
    );
    mkdirSync(join(root, ".removed-1"));
    mkdirSync(join(root, "0123456789abcdef0123456789abcdef"));
    mkdirSync(join(root, "lost+found"));
    writeFileSync(join(root, "notes.txt"), "");

    const next = await host.open();
    expect(next.list().map((snapshot) => snapshot.id)).toEqual([id]);
    expect(next.refusals).toEqual([expect.stringContaining("0123456789abcdef")]);
    expect(namesInRoot()).toEqual([id, "lost+found", "notes.txt"].sort());
  });

  it("replaces files with their checksums, and adds them (S2, I1)", async () => {
    const { id, folder } = await storeFake(catalogue);
    const write = (text: string) => (path: string) => writeFile(path, text);
    await catalogue.replace(id, "working-set", write("a larger set"));
    await catalogue.replace(id, "adaptation.json", write("{}"));
    await catalogue.measured(id, { dumpMilliseconds: 41, restoreMilliseconds: [9, 8] });
    expect(readFileSync(join(folder, "working-set"), "utf8")).toBe("a larger set");
    for (const user of [catalogue, await host.open()]) {
      expect(user.list()[0]?.manifest.measured.restoreMilliseconds).toEqual([9, 8]);
      expect(await user.verify(id)).toMatchObject({ kind: "whole" });
    }
    writeFileSync(join(folder, "adaptation.json"), "[]");
    expect(await catalogue.verify(id)).toEqual({
      kind: "refused",
      reason: "adaptation.json has changed: its checksum is wrong",
    });
  });

  it("keeps the old file when the new one cannot be written (I2)", async () => {
    const { id, folder } = await storeFake(catalogue);
    const failing = catalogue.replace(id, "working-set", () => Promise.reject(new Error("no pages")));
    await expect(failing).rejects.toThrow("no pages");
    const forgetful = catalogue.replace(id, "working-set", () => Promise.resolve());
    await expect(forgetful).rejects.toMatchObject({ code: "storage-failed" });
    await expect(catalogue.replace("gone", "working-set", () => Promise.resolve())).rejects.toMatchObject({
      code: "not-found",
    });
    expect(readFileSync(join(folder, "working-set"), "utf8")).toBe("set");
    expect(await catalogue.verify(id)).toMatchObject({ kind: "whole" });
    expect(namesInRoot()).toEqual([id]);
  });

  it.each([
    ["the old file", "set", true],
    ["the new file", "NEW", true],
    ["neither", "odd", false],
  ])("has %s after a replacement was cut short (I2)", async (_, text, isWhole) => {
    const { id, folder, manifest } = await storeFake(catalogue);
    const old = manifest.files.find(({ name }) => name === "working-set");
    const other = await storeFake(catalogue, { code: "bb" }, { "working-set": "NEW" });
    const [next] = other.manifest.files;
    if (old === undefined || next === undefined) throw new Error("no such files");
    const pending = { ...next, previous: { size: old.size, sha256: old.sha256 } };
    const added = { ...next, name: "adaptation.json", previous: null };
    const kept = manifest.files.filter((file) => file !== old);
    writeFileSync(
      join(folder, "manifest.json"),
      encodeManifest({ ...manifest, files: [...kept, pending, added] }),
    );
    writeFileSync(join(folder, "working-set"), text);
    writeFileSync(join(folder, ".working-set-1.draft"), "half");

    const user = await host.open();
    expect((await user.verify(id)).kind).toBe(isWhole ? "whole" : "refused");
    const found = user.list().find((snapshot) => snapshot.id === id);
    expect(found?.manifest.files.some(({ previous }) => previous !== undefined)).toBe(
      isWhole ? false : undefined,
    );
    expect(existsSync(folder) ? readdirSync(folder).sort() : files).toEqual(files.sort());
  });

  it("stays within its limit by giving up what saves the least (S4)", async () => {
    catalogue = await host.open({ sizeLimit: bytes(3 * fileBytes) });
    const [a, b, c] = [
      await storeFake(catalogue, { code: "a" }),
      await storeFake(catalogue, { code: "b" }),
      await storeFake(catalogue, { code: "c" }),
    ];
    for (const { id } of [a, b, c]) catalogue.started(id, seconds(id === b.id ? 0.1 : 0.5));
    await storeFake(catalogue, { code: "d" });
    expect(catalogue.list().map(({ id }) => id)).not.toContain(b.id);
    expect(catalogue.size).toBe(3 * fileBytes);
    // What was learnt survives a restart.
    await catalogue.close();
    catalogue = await host.open({ sizeLimit: bytes(2 * fileBytes) });
    expect(new Set(catalogue.list().map(({ id }) => id))).toEqual(new Set([a.id, c.id]));
  });

  it("refuses what is larger than the limit leaves, without giving up anything for it (S4)", async () => {
    catalogue = await host.open({ sizeLimit: bytes(2 * fileBytes) });
    const used = await storeFake(catalogue, { code: "a" });
    const idle = await storeFake(catalogue, { code: "b" });
    catalogue.retain(used.id);
    const large = { "pages-1.img": "x".repeat(fileBytes + 1) };
    await expect(storeFake(catalogue, { code: "c" }, large)).rejects.toThrow("leaves no room");
    expect(catalogue.list().map(({ id }) => id)).toEqual([used.id, idle.id]);
    expect(namesInRoot()).toEqual([used.id, idle.id].sort());
  });

  it("keeps the files of a snapshot that is in use (S5)", async () => {
    const { id, folder } = await storeFake(catalogue);
    const [first, second] = [catalogue.retain(id), catalogue.retain(id)];
    await catalogue.remove(id);
    expect(catalogue.find(fakeKey())).toEqual({ kind: "none" });
    expect(catalogue.retain(id)).toBeUndefined();
    await first?.();
    await first?.();
    expect(existsSync(join(folder, "pages-1.img"))).toBe(true);
    await second?.();
    expect(namesInRoot()).toEqual([]);
  });

  it("keeps the files of a snapshot in use that was made anew, under another name (S5)", async () => {
    const { id } = await storeFake(catalogue);
    const release = catalogue.retain(id);
    const anew = await storeFake(catalogue, {}, { "pages-1.img": "other" });
    expect(anew.id).toBe(id);
    expect(catalogue.size).toBe(fileBytes + 5);
    expect(namesInRoot().length).toBe(2);
    await release?.();
    expect(namesInRoot()).toEqual([id]);
    expect(await catalogue.verify(id)).toMatchObject({ kind: "whole" });
  });

  it("bears removal, verification, replacement and commits of one snapshot at once (S1, S2)", async () => {
    const { id } = await storeFake(catalogue);
    const write = async (path: string): Promise<void> => writeFile(path, "set two");
    await Promise.allSettled(
      Array.from({ length: 5 }, () => [
        catalogue.verify(id),
        catalogue.replace(id, "working-set", write),
        storeFake(catalogue),
        catalogue.remove(id),
        storeFake(catalogue),
      ]).flat(),
    );
    // Whether a replacement came after the last commit is chance.
    expect(await catalogue.verify(id)).toMatchObject({ kind: "whole" });
    expect(namesInRoot()).toEqual([id]);
  });

  it.skipIf(isNotRoot)("leaves nothing behind when the disk is full (S1)", async () => {
    await outputOf("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", root]);
    try {
      catalogue = await host.open();
      const staging = await catalogue.begin();
      writeFileSync(join(staging, "pages-1.img"), Buffer.alloc(64 * 1024));
      await expect(catalogue.commit(staging, fakeDescription())).rejects.toThrow("the disk is full");
      expect(namesInRoot()).toEqual([]);
      const { id } = await storeFake(catalogue);
      const growing = catalogue.replace(id, "working-set", (path) =>
        writeFile(path, Buffer.alloc(64 * 1024)),
      );
      await expect(growing).rejects.toMatchObject({ code: "storage-failed" });
      expect(await catalogue.verify(id)).toMatchObject({ kind: "whole" });
      expect(namesInRoot()).toEqual([id]);
    } finally {
      await outputOf("umount", [root]);
    }
  });

  it("names the folder that it cannot use", async () => {
    writeFileSync(join(root, "file"), "");
    const unusable = host.open({ root: join(root, "file"), sizeLimit: mebibytes(1) });
    await expect(unusable).rejects.toMatchObject({ code: "storage-failed" });
    await expect(unusable).rejects.toThrow(join(root, "file"));
  });
});
