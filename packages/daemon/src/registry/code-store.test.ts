import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zipSync } from "fflate";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/daemon-rig.ts";
import { handlerZip, type ZipItem, zipArchive } from "../../test/zip-archive.ts";
import { CodeStore } from "./code-store.ts";
import { codeLimits } from "./limits.ts";
import { checkLink } from "./zip-directory.ts";

let folder: string;
let store: CodeStore;

beforeEach(() => {
  folder = temporaryFolder();
  store = new CodeStore(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const stored = (): readonly string[] => {
  mkdirSync(join(folder, "code"), { recursive: true });
  return readdirSync(join(folder, "code"));
};

const link = (name: string, target: string): ZipItem => ({ name, content: target, mode: 0o120777 });
const file = (name: string, content = "x"): ZipItem => ({ name, content });

describe("CodeStore", () => {
  it("unpacks a package: contents, folders, links, and which files are executable", async () => {
    const zip = zipArchive([
      file("index.mjs", "code"),
      { name: "bootstrap", content: "#!/bin/sh\n", mode: 0o100700 },
      { name: "lib/", mode: 0o040755 },
      file("lib/deep/data.bin", "data".repeat(10_000)),
      { name: "stored.txt", content: "as it is", isStored: true },
      link("lib/link", "../index.mjs"),
    ]);
    const code = await store.add(zip);
    const path = (name: string): string => join(store.folderOf(code.sha256), name);
    expect(code.size).toBe(zip.length);
    expect(readFileSync(path("index.mjs"), "utf8")).toBe("code");
    expect(readFileSync(path("lib/deep/data.bin"), "utf8")).toBe("data".repeat(10_000));
    expect(readFileSync(path("stored.txt"), "utf8")).toBe("as it is");
    expect(readlinkSync(path("lib/link"))).toBe("../index.mjs");
    expect(statSync(path("bootstrap")).mode & 0o777).toBe(0o755);
    expect(statSync(path("index.mjs")).mode & 0o777).toBe(0o644);
    expect(statSync(path("lib/deep")).mode & 0o777).toBe(0o755);
  });

  it("keeps one folder per content, however often it is added", async () => {
    const zip = handlerZip();
    const added = await Promise.all([store.add(zip), store.add(zip), store.add(zip)]);
    expect(new Set(added.map(({ sha256 }) => sha256)).size).toBe(1);
    expect(stored()).toHaveLength(1);
  });

  it("unpacks what ordinary tools write, unchanged", async () => {
    const name = fc.stringMatching(/^[a-z]{1,8}$/);
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(name, fc.uint8Array({ maxLength: 500 }), { minKeys: 1 }),
        async (files) => {
          const { sha256 } = await store.add(Buffer.from(zipSync(files)));
          for (const [path, content] of Object.entries(files))
            expect(new Uint8Array(readFileSync(join(store.folderOf(sha256), path)))).toEqual(content);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("removes at start what nobody uses, and what was left half done", async () => {
    const used = await store.add(handlerZip("1"));
    const unused = await store.add(handlerZip("2"));
    mkdirSync(join(folder, "code", ".unpacking-dead"));
    await store.removeUnused(new Set([used.sha256]));
    expect(stored()).toEqual([Buffer.from(used.sha256, "base64").toString("hex")]);
    expect(unused.sha256).not.toBe(used.sha256);
  });

  it("says what is wrong with its own folder, and leaves nothing behind", async () => {
    writeFileSync(join(folder, "code"), "in the way");
    await expect(store.add(handlerZip())).rejects.toMatchObject({ code: "storage-failed", status: 507 });
    await expect(store.check(handlerZip())).resolves.toBeDefined();
  });

  const bomb = Buffer.alloc(32 * 1024 ** 2);
  const attacks: readonly (readonly [string, () => Buffer, RegExp])[] = [
    ["a path that rises", () => zipArchive([file("../evil")]), /relative path/],
    ["a path that rises inside", () => zipArchive([file("a/../../evil")]), /relative path/],
    ["an absolute path", () => zipArchive([file("/etc/evil")]), /absolute path/],
    ["a Windows path", () => zipArchive([file("C:evil")]), /absolute path/],
    ["backslashes", () => zipArchive([file("..\\evil")]), /invalid characters/],
    ["a NUL in a name", () => zipArchive([file("a\0b")]), /NUL/],
    ["a name that is too long", () => zipArchive([file("x".repeat(300))]), /too long/],
    ["an absolute link", () => zipArchive([file("a"), link("l", "/etc/passwd")]), /leads out/],
    ["a link that rises", () => zipArchive([file("a"), link("l", "../x")]), /leads out/],
    [
      "a link that rises through another",
      () => zipArchive([file("a/b/c"), link("d", "a/b"), link("e", "d/../../..")]),
      /leads out/,
    ],
    ["a file beneath a link", () => zipArchive([link("l", "a"), file("l/evil"), file("a/b")]), /beneath/],
    ["a file beneath a file", () => zipArchive([file("a"), file("a/b")]), /beneath/],
    ["one name twice", () => zipArchive([file("a"), file("a")]), /twice/],
    ["one name twice, in disguise", () => zipArchive([file("a"), file("./a")]), /twice/],
    ["a file that is a folder too", () => zipArchive([file("a"), { name: "a/", mode: 0o040755 }]), /twice/],
    ["a device", () => zipArchive([file("a"), { name: "null", mode: 0o020666 }]), /device/],
    ["a pipe", () => zipArchive([file("a"), { name: "pipe", mode: 0o010666 }]), /device/],
    ["an encrypted file", () => zipArchive([{ name: "a", content: "x", flags: 1 }]), /encrypted/],
    ["an unknown compression", () => zipArchive([{ name: "a", content: "x", method: 14 }]), /method 14/],
    ["a wrong checksum", () => zipArchive([{ name: "a", content: "x", crc: 1 }]), /checksum/],
    [
      "more bytes than declared",
      () => zipArchive([{ name: "a", content: "xxxx", declaredSize: 2 }]),
      /damaged/,
    ],
    [
      "fewer bytes than declared",
      () => zipArchive([{ name: "a", content: "xxxx", declaredSize: 9 }]),
      /damaged/,
    ],
    ["a bomb", () => zipArchive([{ name: "a", content: bomb }]), /attack/],
    [
      "a bomb that lies about its size",
      () => zipArchive([{ name: "a", content: bomb, declaredSize: 10 }]),
      /damaged/,
    ],
    [
      "too many bytes",
      () => zipArchive([{ name: "a", content: "x", declaredSize: codeLimits.unpacked + 1 }]),
      /Largest: a/,
    ],
    [
      "entries that share bytes",
      () => zipArchive([file("a", "x".repeat(99)), { ...file("b"), offset: 0 }]),
      /shares bytes/,
    ],
    [
      "too many files",
      () => zipArchive(Array.from({ length: codeLimits.files + 1 }, (_, i) => file(`f${i}`, ""))),
      /20000 files/,
    ],
    ["no files", () => zipArchive([{ name: "a/", mode: 0o040755 }]), /no file/],
    ["nothing", () => Buffer.alloc(0), /complete zip/],
    ["a truncated zip", () => handlerZip().subarray(0, -30), /complete zip/],
    [
      "a zip without its middle",
      () => {
        const zip = handlerZip();
        return Buffer.concat([zip.subarray(0, 20), zip.subarray(40)]);
      },
      /damaged|complete zip/,
    ],
    ["a zip over the limit", () => Buffer.alloc(codeLimits.zipped + 1), /50.0 MiB/],
  ];

  it.each(attacks)("refuses %s and leaves nothing behind", async (_name, make, problem) => {
    const zip = make();
    await expect(store.add(zip)).rejects.toMatchObject({ code: "invalid-package", message: problem });
    await expect(store.check(zip)).rejects.toMatchObject({ code: "invalid-package", message: problem });
    expect(stored()).toEqual([]);
  });

  it("never ends otherwise than with a package or invalid-package, whatever the bytes", async () => {
    const zip = zipArchive([file("a/b", "text".repeat(50)), link("l", "a/b"), file("c")]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(zip.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        async (changes) => {
          const damaged = Buffer.from(zip);
          for (const [index, value] of changes) damaged[index] = value;
          const outcome = await store.add(damaged).catch((error: unknown) => error);
          if (outcome instanceof Error) expect(outcome).toMatchObject({ code: "invalid-package" });
        },
      ),
      { numRuns: 300 },
    );
    expect(stored().filter((name) => name.startsWith("."))).toEqual([]);
  });
});

describe("checkLink()", () => {
  it("lets a link pass only if it stays inside, whatever other links do (Z2)", () => {
    for (const [path, target] of [
      ["l", "a"],
      ["a/l", "../b"],
      ["a/b/l", "../../c/d"],
      ["l", "./a//b"],
    ] as const)
      expect(() => checkLink(path, target)).not.toThrow();
    for (const [path, target] of [
      ["l", ".."],
      ["a/l", "../../b"],
      ["a/l", "b/../c"],
      ["l", ""],
      ["l", "/a"],
    ] as const)
      expect(() => checkLink(path, target)).toThrow(/leads out/);
  });
});
