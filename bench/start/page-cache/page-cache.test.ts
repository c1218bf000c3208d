/**
 * The real page cache, of files of its own.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PageCache } from "./page-cache.ts";

const SIZE = 2 ** 20;
/** Maps a file, touches each page and says so; ends with its input. */
const holder = `
import mmap, sys
with open(sys.argv[1], "rb") as file:
    held = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
for at in range(0, len(held), 4096):
    held[at]
print("held", flush=True)
sys.stdin.read()
`;

/** In CI a missing need is a failure. */
const isNotRoot = process.env["CI"] === undefined && process.getuid?.() !== 0;

let folder: string;

beforeEach(() => {
  // Not in /tmp, which may be a file system in memory.
  folder = mkdtempSync("/var/tmp/page-cache-");
  writeFileSync(join(folder, "file"), Buffer.alloc(SIZE, 1));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("PageCache", () => {
  it("drops what is written and read, and passes over what is not there", () => {
    readFileSync(join(folder, "file"));
    const gone = join(folder, "gone");
    expect(PageCache.open().drop([folder, gone])).toEqual({ files: 1, bytes: SIZE, residentBytes: 0 });
  });

  it.skipIf(isNotRoot)("drops what another process maps", async () => {
    const child = spawn("python3", ["-c", holder, join(folder, "file")], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    expect(PageCache.open().drop([folder]).residentBytes).toBe(0);
    child.stdin.end();
    await once(child, "exit");
  });
});
