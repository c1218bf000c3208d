/**
 * Boot phases on the whole platform: what one function has loaded, the first instance of another need not load again. Each
 * answer is that of a boot.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cannotRunCriu } from "../../packages/sandbox/test/needs.ts";
import { type Files, filesOf, type Settings, SnapshotPlatform } from "./snapshot-platform.ts";

const SECRET = "hunter2-of-the-first-function";

const nodePackages: Files = {
  ...filesOf("node_modules/zod", "node_modules/zod"),
  ...filesOf("node_modules/semver", "node_modules/semver"),
  ...filesOf("node_modules/picocolors", "node_modules/picocolors"),
  // Reads a file of the function's as it is loaded, as those do that bring settings.
  "node_modules/tuned/index.js": `
    const fs = require("node:fs");
    module.exports = fs.existsSync("tune.txt") ? fs.readFileSync("tune.txt", "utf8") : null;`,
};

/** picocolors reads FORCE_COLOR as it is loaded. */
const nodeFunction = (word: string): Files => ({
  ...nodePackages,
  "index.mjs": `
    import { z } from "zod";
    import semver from "semver";
    import colors from "picocolors";
    import tune from "tuned";
    const drawn = Math.random();
    export const handler = async (event, { functionName }) => ({
      word: ${JSON.stringify(word)}, functionName, drawn,
      version: z.string().parse(semver.inc(event.version, "minor")),
      red: colors.red("x"), tune,
      mine: process.env.MINE ?? null, secret: process.env.SECRET ?? null,
    });`,
});

/** As \`pip install -t\` leaves it; the module reads its mode as it is loaded. */
const installed: Files = {
  "dep-1.0.dist-info/RECORD": "dep/__init__.py,,\ndep/words.py,,\ndep-1.0.dist-info/RECORD,,\n",
  "dep/__init__.py":
    "import os, json, decimal\n" +
    "try:\n    from dep_accelerator import shout\nexcept ImportError:\n    from .words import shout\n" +
    "mode = os.environ.get('DEP_MODE', 'plain')\n" +
    "tune = open('tune.txt').read() if os.path.exists('tune.txt') else None\n",
  "dep/words.py": "def shout(word):\n    return word.upper()\n",
};
const pythonFunction = (word: string): Files => ({
  ...installed,
  "index.py": `
import os, random
import dep
drawn = random.random()
def handler(event, context):
    return {"word": dep.shout(${JSON.stringify(word)}), "functionName": context.function_name, "drawn": drawn,
            "mode": dep.mode, "tune": dep.tune, "mine": os.environ.get("MINE"), "secret": os.environ.get("SECRET")}
`,
});

/** How one function differs from the first, and what of its answer does. */
interface Difference {
  readonly title: string;
  readonly files: Files;
  readonly answer: object;
}

interface Language {
  readonly code: (word: string) => Files;
  readonly event: object;
  /** What the function of that word answers. */
  readonly says: (word: string) => object;
  /** A variable that its dependencies read, and what of the answer differs where that is 1. */
  readonly read: string;
  readonly changedReading: object;
  readonly changedPackages: readonly Difference[];
}

const languages: Readonly<Record<"nodejs" | "python3", Language>> = {
  nodejs: {
    code: nodeFunction,
    event: { version: "1.2.3" },
    says: (word: string) => ({ word, version: "1.3.0", red: "x", tune: null }),
    read: "FORCE_COLOR",
    changedReading: { red: "\u001B[31mx\u001B[39m" },
    changedPackages: [
      {
        title: "a dependency's file is another",
        files: { "node_modules/semver/functions/inc.js": "module.exports = () => 'changed';\n" },
        answer: { version: "changed" },
      },
      {
        title: "a dependency brings a package of its own",
        files: { "node_modules/zod/node_modules/extra/package.json": "{}" },
        answer: {},
      },
      {
        title: "a dependency has another entry",
        files: {
          "node_modules/picocolors/package.json": '{"name":"picocolors","main":"other.js"}',
          "node_modules/picocolors/other.js": "exports.red = () => 'changed';\n",
        },
        answer: { red: "changed" },
      },
      {
        title: "a file of the function's that they read is there",
        files: { "tune.txt": "low" },
        answer: { tune: "low" },
      },
    ],
  },
  python3: {
    code: pythonFunction,
    event: {},
    says: (word: string) => ({ word: word.toUpperCase(), mode: "plain", tune: null }),
    read: "DEP_MODE",
    changedReading: { mode: "1" },
    changedPackages: [
      {
        title: "a dependency's file is another",
        files: { "dep/words.py": "def shout(word):\n    return 'changed'\n" },
        answer: { word: "changed" },
      },
      {
        title: "a module of its own takes the place of one of the language's",
        files: { "decimal.py": "" },
        answer: {},
      },
      {
        title: "there is a module that was missing",
        files: { "dep_accelerator.py": "def shout(word):\n    return 'fast'\n" },
        answer: { word: "fast" },
      },
      {
        title: "a file of the function's that they read is there",
        files: { "tune.txt": "low" },
        answer: { tune: "low" },
      },
    ],
  },
};

describe.skipIf(cannotRunCriu).each(["nodejs", "python3"] as const)("boot phases of %s", (language) => {
  const { code, event, says, read, changedReading, changedPackages } = languages[language];
  let platform: SnapshotPlatform;
  let deployed = 0;

  const deploy = (name: string, files: Files, environment: Settings["environment"] = {}): Promise<void> =>
    platform.deploy(name, files, { memoryMiB: 256, warmUp: { count: 1 }, environment });

  beforeAll(async () => {
    platform = await SnapshotPlatform.open();
    await deploy("first", code("one"), { SECRET, MINE: "1" });
    await platform.invoke("first", event);
    await platform.snapshot("first");
  });
  afterAll(() => platform.close());

  /** How often instances were started from each of the first function's snapshots. */
  async function starts(): Promise<Readonly<Record<string, number>>> {
    const snapshots = await platform.client.snapshots();
    const own = snapshots.filter(({ functions }) => functions.includes("first"));
    return Object.fromEntries(own.map(({ kind, starts }) => [kind, starts]));
  }

  /**
   * What the first invocation of a new function says, and which phase it was started from. It has no snapshot of its own,
   * so that a start from that one gets the next best.
   */
  async function first(files: Files, environment?: Settings["environment"]) {
    const name = `other-${++deployed}`;
    await deploy(name, files, environment);
    return await started(name);
  }

  async function started(name: string) {
    const before = await starts();
    const { startKind, result } = await platform.invoke(name, event, "eager");
    await expect.poll(starts).not.toEqual(before);
    const after = await starts();
    const phase = Object.keys(after).filter((kind) => after[kind] !== before[kind]);
    return { startKind, phase, result };
  }

  it("are made beside the first function's snapshot, and hold none of its variables", async () => {
    const snapshots = await platform.client.snapshots();
    expect(snapshots.map(({ kind }) => kind).sort()).toEqual(["dependencies", "function", "runtime"]);
    const holding = await Promise.all(
      snapshots.map(async ({ id, kind }) => {
        const { folder, files } = await platform.client.snapshot(id);
        return files.some(({ name }) => readFileSync(join(folder, name)).includes(SECRET)) ? [kind] : [];
      }),
    );
    expect(holding.flat()).toEqual(["function"]);
  });

  it("are what the platform chooses for a function without a snapshot of its own", async () => {
    // Early on: the choice goes by measured starts, and those of the tests below vary with what else runs on the machine.
    const chosen = async (): Promise<unknown> => {
      const name = `other-${++deployed}`;
      await deploy(name, code("three"));
      // Meanwhile the platform finds out which starts it has. This one leaves no instance behind.
      await platform.invoke(name, event, "phase");
      return await platform.invoke(name, event);
    };
    await expect
      .poll(chosen, { timeout: 20_000 })
      .toMatchObject({ startKind: "phase", result: says("three") });
  });

  it("start another function with the same dependencies, in its own environment", async () => {
    const answer = await first(code("two"), { MINE: "2" });
    expect(answer).toMatchObject({
      startKind: "phase",
      phase: ["dependencies"],
      result: { ...says("two"), functionName: `other-${deployed}`, mine: "2", secret: null },
    });
    const again = await first(code("two"), { MINE: "2" });
    expect(drawnOf(again.result)).not.toBe(drawnOf(answer.result));
  });

  it("start a new version of the code", async () => {
    await deploy("first", code("four"));
    expect(await started("first")).toMatchObject({
      startKind: "phase",
      phase: ["dependencies"],
      result: { ...says("four"), mine: null, secret: null },
    });
  });

  it("hold no dependencies where a variable that those read is another", async () => {
    expect(await first(code("five"), { [read]: "1" })).toMatchObject({
      startKind: "phase",
      phase: ["runtime"],
      result: { ...says("five"), ...changedReading },
    });
  });

  it.for(changedPackages)("hold no dependencies where $title", async ({ files, answer }) => {
    expect(await first({ ...code("six"), ...files })).toMatchObject({
      startKind: "phase",
      phase: ["runtime"],
      result: { ...says("six"), ...answer },
    });
  });
});

/** The function draws it as it is loaded. */
const drawnOf = (result: unknown): unknown => (result as { readonly drawn: number }).drawn;
