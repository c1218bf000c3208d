import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { placesOf, withDamage } from "./test/damage.ts";
import { type BenchmarkFunction, benchmarkFunctions, type Implementation, inputSizes } from "./index.ts";

const here = import.meta.dirname;
const functions: readonly (readonly [string, BenchmarkFunction])[] = Object.entries(benchmarkFunctions);
const hasPython = spawnSync("python3", ["-c", "import sqlite3, zlib"]).status === 0;
const skipsPython = !hasPython && process.env["CI"] === undefined;

type Handler = (event: unknown, context: object) => Promise<unknown>;

/** A document as it arrives over the wire. */
const overTheWire = (document: unknown): unknown => JSON.parse(JSON.stringify(document));

async function runNode({ folder, handler }: Implementation, payload: object): Promise<unknown> {
  const [module = "", name = ""] = handler.split(".");
  const loaded = (await import(join(here, folder, `${module}.mjs`))) as Readonly<Record<string, Handler>>;
  const run = loaded[name];
  if (run === undefined) throw new Error(`${folder} exports no ${name}`);
  return overTheWire(await run(overTheWire(payload), {}));
}

const driver = `
import importlib, json, sys
folder, module, name = sys.argv[1:]
sys.path.insert(0, folder)
json.dump(getattr(importlib.import_module(module), name)(json.load(sys.stdin), None), sys.stdout)
`;

function runPython({ folder, handler }: Implementation, payload: object): unknown {
  const child = spawnSync("python3", ["-c", driver, join(here, folder), ...handler.split(".")], {
    input: JSON.stringify(payload),
    encoding: "utf8",
    maxBuffer: 64 * 2 ** 20,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1", PYTHONIOENCODING: "utf-8" },
  });
  if (child.status !== 0) throw new Error(child.stderr);
  return JSON.parse(child.stdout);
}

describe.each(functions)("%s", (name, benchmark) => {
  it("is described by its key, and its folders are there", () => {
    expect(benchmark.name).toBe(name);
    for (const { folder } of Object.values(benchmark.runtimes))
      expect(existsSync(join(here, folder))).toBe(true);
  });

  it.each(inputSizes)("has a payload of size %s that is the same every time and under 5 MB (B3)", (size) => {
    const text = JSON.stringify(benchmark.payload(size));
    expect(text.length).toBeLessThan(5e6);
    expect(JSON.stringify(benchmark.payload(size))).toBe(text);
  });

  it.each(inputSizes)("answers size %s rightly in nodejs (B1)", async (size) => {
    const payload = benchmark.payload(size);
    const output = await runNode(benchmark.runtimes.nodejs, payload);
    expect(benchmark.check(size, payload, output)).toBeUndefined();
    expect(JSON.stringify(output).length).toBeLessThan(5e6);
  });

  const { python3 } = benchmark.runtimes;
  if (python3 !== undefined) {
    it.skipIf(skipsPython).each(inputSizes)("answers size %s rightly in python3 (B1)", (size) => {
      const payload = benchmark.payload(size);
      expect(benchmark.check(size, payload, runPython(python3, payload))).toBeUndefined();
    });
  }

  it("refuses an answer with any one value changed, added or removed (B2)", async () => {
    const payload = benchmark.payload("test");
    const output = await runNode(benchmark.runtimes.nodejs, payload);
    // The records around an archive's compressed data hold times and flags that mean nothing to a reader; its middle is data.
    const [from, to] = name === "compression" ? [0.4, 0.6] : [0, 1];
    const damage = fc.record({
      path: fc.constantFrom(...placesOf(output)),
      kind: fc.constantFrom("change", "remove", "add", "empty"),
      at: fc.double({ min: from, max: to, noNaN: true, maxExcluded: true }),
    });
    fc.assert(
      fc.property(damage, ({ path, kind, at }) => {
        const damaged = withDamage(output, path, kind, at);
        expect(benchmark.check("test", payload, damaged)).toBeTypeOf("string");
      }),
    );
  });

  it("refuses the answer to another payload, and what is no answer at all (B2)", async () => {
    const output = await runNode(benchmark.runtimes.nodejs, benchmark.payload("small"));
    for (const wrong of [output, undefined, null, 7, "text", [], {}]) {
      expect(benchmark.check("test", benchmark.payload("test"), wrong)).toBeTypeOf("string");
    }
  });
});
