import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  dataDirectoriesToSearch,
  dataDirectoryOf,
  type DataDirectoryWish,
  readEndpoint,
  removeEndpoint,
  writeEndpoint,
} from "./data-directory.ts";

const wish = (more: Partial<DataDirectoryWish> = {}): DataDirectoryWish => ({
  data: undefined,
  environment: { HOME: "/home/ann" },
  workingDirectory: "/folder",
  isRoot: false,
  ...more,
});

describe("the data directory", () => {
  it("is the flag, then FRUGAL_DATA, then the usual place of the user", () => {
    const environment = { HOME: "/home/ann", FRUGAL_DATA: "/env" };
    expect(dataDirectoryOf(wish({ data: "here", environment }))).toBe("/folder/here");
    expect(dataDirectoryOf(wish({ environment }))).toBe("/env");
    expect(dataDirectoryOf(wish({ isRoot: true }))).toBe("/var/lib/frugal");
    expect(dataDirectoryOf(wish())).toBe("/home/ann/.local/share/frugal");
    expect(dataDirectoryOf(wish({ environment: { XDG_DATA_HOME: "/xdg" } }))).toBe("/xdg/frugal");
    expect(dataDirectoryOf(wish({ environment: { HOME: "/h", XDG_DATA_HOME: "relative" } }))).toBe(
      "/h/.local/share/frugal",
    );
  });

  it("is looked for system-wide too, unless it is named", () => {
    expect(dataDirectoriesToSearch(wish())).toEqual(["/home/ann/.local/share/frugal", "/var/lib/frugal"]);
    expect(dataDirectoriesToSearch(wish({ isRoot: true }))).toEqual(["/var/lib/frugal"]);
    expect(dataDirectoriesToSearch(wish({ data: "/d" }))).toEqual(["/d"]);
  });
});

describe("the endpoint", () => {
  it("counts while the very process lives that wrote it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "endpoint-"));
    try {
      const own = { url: "http://127.0.0.1:4711", pid: process.pid };
      await writeEndpoint(folder, own);
      expect(await readEndpoint(folder)).toEqual(own);
      const file = join(folder, "endpoint.json");
      const written = readFileSync(file, "utf8");
      writeFileSync(file, written.replace(/"started":"\d+"/, '"started":"1"'));
      expect(await readEndpoint(folder)).toBeUndefined();
      writeFileSync(file, "{broken");
      expect(await readEndpoint(folder)).toBeUndefined();
      writeFileSync(file, written);
      await removeEndpoint(folder, process.pid + 1);
      expect(await readEndpoint(folder)).toEqual(own);
      await removeEndpoint(folder, process.pid);
      expect(await readEndpoint(folder)).toBeUndefined();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
