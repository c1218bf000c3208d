import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { containing } from "../../test/command-line.ts";
import { dataDirectoryProblems } from "./data-directory-problems.ts";

let data: string;
beforeEach(() => (data = mkdtempSync(join(tmpdir(), "doctor-"))));
afterEach(() => {
  rmSync(data, { recursive: true, force: true });
});

/** Without the one about space, which depends on the host. */
const problems = async (folder = data): Promise<readonly string[]> =>
  (await dataDirectoryProblems(folder)).filter((problem) => !problem.startsWith("Only "));

describe("dataDirectoryProblems", () => {
  it("finds none in a folder that is well, empty or not there", async () => {
    expect(await problems()).toEqual([]);
    expect(await problems(join(data, "nowhere"))).toEqual([]);
    new DatabaseSync(join(data, "frugal.db")).exec("CREATE TABLE t (a)");
    writeFileSync(join(data, "api-key"), "x", { mode: 0o600 });
    writeFileSync(
      join(data, "endpoint.json"),
      JSON.stringify({ url: "http://127.0.0.1:1", pid: process.pid }),
    );
    expect(await problems()).toEqual([]);
  });

  it("finds a key that others may read, an address of a dead platform, and a damaged database", async () => {
    writeFileSync(join(data, "api-key"), "x");
    chmodSync(join(data, "api-key"), 0o644);
    writeFileSync(
      join(data, "endpoint.json"),
      JSON.stringify({ url: "http://127.0.0.1:1", pid: 2 ** 22 + 1 }),
    );
    writeFileSync(join(data, "frugal.db"), "no database at all, but long enough to be looked at ".repeat(10));
    const found = await problems();
    expect(found).toHaveLength(3);
    expect(found[0]).toMatch(/Others may read .*chmod 600/);
    expect(found[1]).toContain("did not end orderly");
    expect(found[2]).toContain("frugal.db cannot be read: file is not a database");
    writeFileSync(
      join(data, "endpoint.json"),
      JSON.stringify({ url: "http://127.0.0.1:1", pid: process.pid }),
    );
    expect(await problems()).toHaveLength(1);
  });

  it("says so where the folder is a file", async () => {
    writeFileSync(join(data, "file"), "");
    expect(await problems(join(data, "file"))).toEqual([containing("is no folder")]);
  });
});
