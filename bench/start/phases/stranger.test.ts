import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hello } from "../functions/hello/hello.ts";
import { Strangers } from "./stranger.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "known-"));
  writeFileSync(join(folder, "handler.mjs"), "export const handler = () => 1;\n");
  writeFileSync(join(folder, "library.mjs"), "export {};\n");
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("Strangers", () => {
  it("makes functions that differ in name and handler file only, and leaves nothing", async () => {
    const strangers = await Strangers.of({ ...hello, folder });
    const code: string[] = [];
    let copy = "";
    for (const own of ["stranger_1", "stranger_2"]) {
      const { name, settings, folder: packed } = await strangers.next();
      copy = packed;
      expect(name).toBe(`hello-${own.replace("_", "-")}`);
      expect(settings).toEqual({ ...hello.settings, handler: `${own}.handler` });
      expect(readdirSync(packed).sort()).toEqual(["library.mjs", `${own}.mjs`]);
      code.push(readFileSync(join(packed, `${own}.mjs`), "utf8"));
    }
    expect(code[0]).toContain("handler = () => 1");
    expect(code[0]).not.toBe(code[1]);
    expect(readdirSync(folder).sort()).toEqual(["handler.mjs", "library.mjs"]);
    await strangers.close();
    expect(existsSync(copy)).toBe(false);
  });
});
