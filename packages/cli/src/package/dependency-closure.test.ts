import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dependencyClosure } from "./dependency-closure.ts";
import { refusalOf, type Tree, unpack, writeTree } from "../../test/pack-folder.ts";
import { packFolder } from "./pack-folder.ts";

let top = "";
beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), "frugal-closure-"));
});
afterAll(() => rm(top, { recursive: true, force: true }));
const fresh = (): Promise<string> => mkdtemp(join(top, "case-"));

const linux = { os: "linux", cpu: "x64", libc: "glibc" } as const;
const manifest = (fields: object): string => JSON.stringify(fields);
const dependingOn = (...names: readonly string[]): string =>
  manifest({ dependencies: Object.fromEntries(names.map((name) => [name, "*"])) });

/** Where each added package goes, of the function in `workspace/functions/f`. */
async function added(tree: Tree): Promise<Readonly<Record<string, string>>> {
  const workspace = await writeTree(await fresh(), tree);
  const closure = await dependencyClosure(join(workspace, "functions/f"), linux);
  return Object.fromEntries(
    closure.added.map(({ source, target }) => [target, source.slice(workspace.length + 1)]),
  );
}

describe("dependencyClosure", () => {
  it("finds what a workspace hoisted, with the version that each package needs (D1)", async () => {
    const closure = await added({
      "functions/f/package.json": dependingOn("a", "@s/b", "c"),
      "node_modules/a/package.json": dependingOn("c"),
      "node_modules/a/node_modules/c/package.json": dependingOn("d"),
      "node_modules/@s/b/package.json": manifest({ peerDependencies: { a: "*", absent: "*" } }),
      "node_modules/c/package.json": manifest({ version: "2.0.0" }),
      "node_modules/d/package.json": "{}",
      "node_modules/unrelated/package.json": "{}",
    });
    expect(closure).toEqual({
      "node_modules/@s/b": "node_modules/@s/b",
      "node_modules/a": "node_modules/a",
      "node_modules/a/node_modules/c": "node_modules/a/node_modules/c",
      "node_modules/c": "node_modules/c",
      "node_modules/d": "node_modules/d",
    });
  });

  it("adds nothing for what the folder holds, but for what that needs (D2)", async () => {
    const closure = await added({
      "functions/f/package.json": dependingOn("a"),
      "functions/f/node_modules/a/package.json": dependingOn("b"),
      "node_modules/a/package.json": "{}",
      "node_modules/b/package.json": "{}",
    });
    expect(closure).toEqual({ "node_modules/b": "node_modules/b" });
  });

  it("puts the packages in place of the folder's links to them", async () => {
    const closure = await added({
      "functions/f/index.mjs": "",
      "functions/f/node_modules/lib": "link:../../../packages/lib",
      "packages/lib/package.json": dependingOn("a"),
      "packages/lib/node_modules/a/package.json": "{}",
    });
    expect(closure).toEqual({
      "node_modules/lib": "packages/lib",
      "node_modules/a": "packages/lib/node_modules/a",
    });
  });

  it("takes what runs on the platform and leaves other platforms' packages (D3)", async () => {
    const fields = { optionalDependencies: { x64: "1", arm: "1", musl: "1", absent: "1" } };
    const tree = {
      "functions/f/package.json": manifest({ ...fields, dependencies: fields.optionalDependencies }),
      "functions/f/node_modules/arm/package.json": manifest({ cpu: ["arm64"] }),
      "functions/f/node_modules/arm/arm.node": "machine code",
      "node_modules/x64/package.json": manifest({ os: ["linux"], cpu: "x64", libc: ["glibc"] }),
      "node_modules/musl/package.json": manifest({ libc: ["musl"] }),
    };
    expect(await added(tree)).toEqual({ "node_modules/x64": "node_modules/x64" });
    const workspace = await writeTree(await fresh(), tree);
    const { files } = await packFolder(join(workspace, "functions/f"), { platform: linux });
    expect(files).toBe(2);
  });

  it.each([
    ["is not installed", {}, /depends on "a", which is not installed\n {2}Run npm install there/],
    [
      "runs elsewhere only",
      { "node_modules/a/package.json": manifest({ os: ["aix"] }) },
      /"a", which does not run on linux x64/,
    ],
    ["cannot be read", { "node_modules/a/package.json": "{" }, /a\/package\.json cannot be used/],
    [
      "has fields of the wrong type",
      { "node_modules/a/package.json": '{"dependencies":{"b":1}}' },
      /dependencies\.b/,
    ],
  ])("refuses a dependency that %s", async (_what, tree, message) => {
    const refused = added({ "functions/f/package.json": dependingOn("a"), ...tree });
    expect(await refusalOf(refused)).toMatch(message);
  });

  it("resolves every dependency as on the host, however it is installed (D1, D2)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(installation, { maxLength: 14 }), async (installations) => {
        const workspace = await fresh();
        const host = join(workspace, "functions/f");
        await writeTree(workspace, installed(installations));
        const unpacked = await unpack(
          (await packFolder(host, { platform: linux })).zip,
          join(await fresh(), "f"),
        );
        await expectSameTree(host, unpacked);
      }),
      { numRuns: 40 },
    );
  });
});

const names = ["a", "b", "c", "d"] as const;
/** A package installed in `node_modules` of `at` (a folder of the workspace, then packages below it), wanting others. */
const installation = fc.record({
  at: fc.constantFrom("", "functions", "functions/f"),
  path: fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }),
  wants: fc.subarray([...names]),
});

type Installation = typeof installation extends fc.Arbitrary<infer T> ? T : never;

/** Every package is marked with where it is on the host; what it wants it declares as optional, for it may be missing. */
function installed(installations: readonly Installation[]): Tree {
  const tree: Record<string, string> = {
    "functions/f/package.json": manifest({ optionalDependencies: { a: "*", b: "*", c: "*", d: "*" } }),
  };
  for (const { at, path, wants } of installations) {
    for (const depth of path.keys()) {
      const place = [at, ...path.slice(0, depth + 1).map((name) => `node_modules/${name}`)]
        .join("/")
        .replace(/^\//, "");
      const optionalDependencies = Object.fromEntries(wants.map((name) => [name, "*"]));
      tree[`${place}/package.json`] = manifest({ id: place, optionalDependencies });
    }
  }
  return tree;
}

interface Installed {
  readonly id?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

async function expectSameTree(host: string, unpacked: string, seen = new Set<string>()): Promise<void> {
  if (seen.has(`${host} ${unpacked}`)) return;
  seen.add(`${host} ${unpacked}`);
  const manifests = [host, unpacked].map(
    async (folder) => await readFile(join(folder, "package.json"), "utf8"),
  );
  const [expected = "", actual] = await Promise.all(manifests);
  expect(actual).toBe(expected);
  const { optionalDependencies = {} } = JSON.parse(expected) as Installed;
  for (const name of Object.keys(optionalDependencies)) {
    const wanted = resolvedFrom(host, name);
    // A dependency that the host does not have may be found by chance in the package, as hoisting does too.
    if (wanted !== undefined) await expectSameTree(wanted, resolvedFrom(unpacked, name) ?? "nowhere", seen);
  }
}

function resolvedFrom(folder: string, name: string): string | undefined {
  try {
    return dirname(createRequire(join(folder, "index.js")).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}
