import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytes } from "@frugal/core";
import { benchmarkFunctions } from "@frugal/functions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { modesOf, refusalOf, unpack, writeTree } from "../../test/pack-folder.ts";
import { packFolder, type PackOptions } from "./pack-folder.ts";

let top = "";
let made = 0;
const fresh = async (): Promise<string> => {
  const folder = join(top, `folder-${made++}`);
  await mkdir(folder);
  return folder;
};
const pathsIn = async (folder: string, options?: PackOptions): Promise<readonly string[]> => [
  ...modesOf((await packFolder(folder, options)).zip).keys(),
];

beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), "frugal-pack-"));
});
afterAll(() => rm(top, { recursive: true, force: true }));

describe("packFolder", () => {
  it("gives the same bytes for the same files (P1)", async () => {
    const first = await writeTree(await fresh(), {
      "index.mjs": "a",
      "lib/b.mjs": "b",
      bootstrap: "run:#!/bin/sh",
    });
    const second = await writeTree(await fresh(), {
      bootstrap: "run:#!/bin/sh",
      "lib/b.mjs": "b",
      "index.mjs": "a",
    });
    await utimes(join(second, "index.mjs"), 1e9, 1e9);
    const packed = await packFolder(first);
    expect(packed.zip).toEqual((await packFolder(second)).zip);
    expect(packed).toMatchObject({ files: 3, bytes: 11 });
  });

  it("keeps what is executable executable", async () => {
    const folder = await writeTree(await fresh(), {
      bootstrap: "run:#!/bin/sh\necho started",
      "data.txt": "x",
    });
    const { zip } = await packFolder(folder);
    expect(modesOf(zip)).toEqual(new Map([["bootstrap", 0o100755], ["data.txt", 0o100644]])); // prettier-ignore
    const unpacked = await unpack(zip, await fresh());
    expect(spawnSync(join(unpacked, "bootstrap"), { encoding: "utf8" }).stdout).toBe("started\n");
  });

  it("leaves out what never belongs to a package, but keeps dependencies as they are", async () => {
    const folder = await writeTree(await fresh(), {
      "index.mjs": "",
      "index.test.mjs": "",
      ".git/config": "",
      ".build/index.d.ts": "",
      ".env": "",
      "node_modules/.bin/tool": "",
      "node_modules/.package-lock.json": "",
      "node_modules/a/a.test.js": "",
      "node_modules/a/package.json": "{}",
      "node_modules/loose.js": "",
    });
    expect(await pathsIn(folder)).toEqual([
      ".env",
      "index.mjs",
      "node_modules/a/a.test.js",
      "node_modules/a/package.json",
      "node_modules/loose.js",
    ]);
  });

  it("respects .frugalignore and after it the manifest's patterns", async () => {
    const folder = await writeTree(await fresh(), {
      ".frugalignore": "# notes\n*.md\n/inputs",
      "index.mjs": "",
      "readme.md": "",
      "inputs/a.bin": "",
      "lib/inputs/a.bin": "",
    });
    expect(await pathsIn(folder)).toEqual(["index.mjs", "lib/inputs/a.bin"]);
    expect(await pathsIn(folder, { patterns: ["!lib/**", "readme.md"] })).toEqual(["index.mjs", "readme.md"]);
    expect(await pathsIn(folder, { patterns: ["!**", "inputs/**"] })).toEqual(["inputs/a.bin"]);
  });

  it("follows links inside the folder", async () => {
    const folder = await writeTree(await fresh(), {
      "lib/a.mjs": "a",
      "alias.mjs": "link:lib/a.mjs",
      again: "link:lib",
    });
    const unpacked = await unpack((await packFolder(folder)).zip, await fresh());
    expect(await pathsIn(unpacked)).toEqual(["again/a.mjs", "alias.mjs", "lib/a.mjs"]);
  });

  it.each([
    ["leaves it", { "in.mjs": "link:../outside.mjs" }, "in.mjs is a link that leaves it, to "],
    [
      "leaves it by an absolute path",
      { passwords: "link:/etc/passwd" },
      "passwords is a link that leaves it",
    ],
    ["leads nowhere", { "gone.mjs": "link:nothing.mjs" }, "gone.mjs is a link to nothing"],
    ["leads round in circles", { "lib/up": "link:.." }, "lib/up is a link to a folder that it is in"],
  ])("refuses a link that %s, unless it is left out (P3)", async (_what, tree, message) => {
    const folder = await writeTree(await fresh(), { ...tree, "index.mjs": "" });
    await writeTree(top, { "outside.mjs": "" });
    expect(await refusalOf(packFolder(folder))).toContain(message);
    await writeTree(folder, { ".frugalignore": Object.keys(tree).join("\n") });
    expect(await pathsIn(folder)).toEqual(["index.mjs"]);
  });

  it("refuses a folder over the limit and names its largest parts", async () => {
    const folder = await writeTree(await fresh(), {
      "index.mjs": "12345",
      "data/a": "1".repeat(700_000),
      "data/b": "1".repeat(700_000),
      "node_modules/@s/big/package.json": "{}",
      "node_modules/@s/big/x": "1".repeat(1_000_000),
    });
    expect(await refusalOf(packFolder(folder, { limit: bytes(2_000_000) }))).toMatch(
      /2\.3 MB in 5 files, the limit is 1\.9 MB .*\n +1\.3 MB +data\n +1\.0 MB +node_modules\/@s\/big\n/,
    );
  });

  it("says so where there is nothing to pack", async () => {
    expect(await refusalOf(packFolder(await fresh()))).toContain("no files to pack");
    expect(await refusalOf(packFolder(join(top, "nowhere")))).toContain("is not a folder");
  });
});

describe("packFolder of the benchmark functions", () => {
  const driver = `
    const [file, name] = process.argv.slice(1);
    const run = (await import(file))[name];
    process.stdout.write(JSON.stringify(await run(JSON.parse(await new Response(process.stdin).text()), {})));
  `;
  const functionsFolder = join(import.meta.dirname, "../../../../functions");

  it.each(Object.values(benchmarkFunctions))(
    "$name runs from its package, far from the workspace (P2)",
    async (each) => {
      const { folder, handler } = each.runtimes.nodejs;
      const [module = "", name = ""] = handler.split(".");
      const unpacked = await unpack((await packFolder(join(functionsFolder, folder))).zip, await fresh());
      const payload = each.payload("test");
      const child = spawnSync(
        process.execPath,
        [
          "--disable-warning=ExperimentalWarning",
          "--input-type=module",
          "-e",
          driver,
          join(unpacked, `${module}.mjs`),
          name,
        ],
        { cwd: unpacked, env: {}, encoding: "utf8", input: JSON.stringify(payload) },
      );
      expect(child.stderr).toBe("");
      expect(each.check("test", payload, JSON.parse(child.stdout))).toBeUndefined();
    },
  );
});
