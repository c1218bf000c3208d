import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { FrugalError } from "@frugal/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Derivation } from "./derivation.ts";
import { runDerivation } from "./run-derivation.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "derive-"))));
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const lines: Derivation = {
  name: "lines",
  summary: "count lines",
  source: "a text",
  output: "lines.json",
  derive: (text) => {
    if (text.includes("bad")) throw new FrugalError("invalid-trace", "line 1 is bad");
    return Promise.resolve(`${JSON.stringify({ lines: text.split("\n").length })}\n`);
  },
};
const derive = (name: string) => runDerivation(lines, join(folder, name), join(folder, "out/lines.json"));

describe("runDerivation", () => {
  it("derives from a file, gzipped or not, and says when nothing changed", async () => {
    writeFileSync(join(folder, "plain.csv"), "a\nb");
    writeFileSync(join(folder, "packed.csv.gz"), gzipSync("a\nb"));
    expect(await derive("plain.csv")).toMatchObject({ bytes: 12, isUnchanged: false });
    expect(readFileSync(join(folder, "out/lines.json"), "utf8")).toBe('{"lines":2}\n');
    expect(await derive("packed.csv.gz")).toMatchObject({ isUnchanged: true });
  });

  it("leaves the result as it was where the source cannot be used", async () => {
    writeFileSync(join(folder, "good.csv"), "a");
    await derive("good.csv");
    writeFileSync(join(folder, "bad.csv"), "bad");
    await expect(derive("bad.csv")).rejects.toThrow("line 1 is bad");
    writeFileSync(join(folder, "latin1.csv"), Buffer.from([0xe9, 0x0a]));
    await expect(derive("latin1.csv")).rejects.toThrow(/--from: .*latin1.csv cannot be read/);
    writeFileSync(join(folder, "broken.gz"), gzipSync("a").subarray(0, 12));
    await expect(derive("broken.gz")).rejects.toThrow(/--from: .*broken.gz cannot be read/);
    await expect(derive("nowhere")).rejects.toThrow(/ENOENT/);
    expect(readFileSync(join(folder, "out/lines.json"), "utf8")).toBe('{"lines":1}\n');
    expect(readdirSync(join(folder, "out"))).toEqual(["lines.json"]);
  });
});
