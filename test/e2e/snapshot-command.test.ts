/**
 * `frugal snapshot`, as its user runs it: what the platform holds is listed, shown, drawn and deleted.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cannotRunCriu } from "../../packages/sandbox/test/needs.ts";
import { SnapshotPlatform } from "./snapshot-platform.ts";

const launcher = join(import.meta.dirname, "..", "..", "frugal");
const code = { "index.mjs": "export const handler = async ({ number }) => ({ double: number * 2 });" };

interface Summary {
  readonly id: string;
  readonly kind: string;
  readonly functions: readonly string[];
}

describe.skipIf(cannotRunCriu)("frugal snapshot", () => {
  const folder = mkdtempSync(join(tmpdir(), "frugal-command-"));
  let platform: SnapshotPlatform;

  beforeAll(async () => {
    platform = await SnapshotPlatform.open();
    await platform.deploy("doubling", code, { warmUp: { count: 1 } });
    expect(await platform.invoke("doubling", { number: 1 })).toMatchObject({ result: { double: 2 } });
  });
  afterAll(async () => {
    await platform.close();
    rmSync(folder, { recursive: true });
  });

  function frugal(...words: readonly string[]): unknown {
    const command = ["snapshot", ...words, "--endpoint", platform.url, "--json"];
    const { status, stdout, stderr } = spawnSync(launcher, command, { encoding: "utf8" });
    expect(status, stderr).toBe(0);
    return JSON.parse(stdout) as unknown;
  }

  const list = (): readonly Summary[] =>
    (frugal("list") as { readonly snapshots: readonly Summary[] }).snapshots;

  it("builds, lists, shows, draws and deletes what instances are started from", async () => {
    const { snapshot } = frugal("build", "doubling", "--wait") as { readonly snapshot: Summary };
    expect(
      list()
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual(["function", "runtime"]);
    expect(list()).toContainEqual(expect.objectContaining({ id: snapshot.id, functions: ["doubling"] }));

    for (const start of ["pooled", "eager"]) await platform.invoke("doubling", { number: 2 }, start);
    const file = join(folder, "pages.svg");
    const details = frugal("inspect", snapshot.id, "--svg", file);
    expect(details).toMatchObject({ id: snapshot.id, kind: "function", starts: 2, svg: file });
    expect(details).toMatchObject({
      workingSet: { recordings: expect.any(Number) as number },
      lastRestores: [{ kind: "prefetch" }, { kind: "eager", faults: null }],
    });
    expect(readFileSync(file, "utf8")).toMatch(/^<svg[^]*<\/svg>\s*$/);

    expect(frugal("delete", snapshot.id)).toEqual({ id: snapshot.id, deleted: true });
    expect(list().map(({ id }) => id)).not.toContain(snapshot.id);
    const answer = await platform.invoke("doubling", { number: 3 }, "pooled");
    expect(answer).toEqual({ startKind: "phase", result: { double: 6 } });
    await expect.poll(() => platform.log("doubling")).toContain("its snapshot is gone: it was deleted");

    for (const { id } of list()) frugal("delete", id);
    expect(await platform.invoke("doubling", { number: 4 }, "pooled")).toEqual({
      startKind: "boot",
      result: { double: 8 },
    });
    expect(await platform.log("doubling")).toContain("could not be started by phase, and is started by boot");
  });
});
