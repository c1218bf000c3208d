import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type, type World } from "../../../test/command-line.ts";
import { type FakeDaemon, fakeDaemon } from "../../../test/fake-daemon.ts";

let folder: string;
let daemon: FakeDaemon;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "snapshots-"));
  daemon = await fakeDaemon();
});
afterEach(async () => {
  await daemon.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (argv: readonly string[], world: World = {}) =>
  type(argv, { workingDirectory: folder, ...world, environment: { FRUGAL_ENDPOINT: daemon.url } });

describe("frugal snapshot", () => {
  it("makes, lists and deletes snapshots", async () => {
    expect((await run(["snapshot", "list"])).out).toContain("frugal snapshot build NAME");
    expect(await run(["snapshot", "build", "resize"])).toEqual({
      exitCode: 0,
      out: '"resize" boots\n',
      err: "",
    });
    const waited = await run(["snapshot", "build", "fresh", "--wait"]);
    expect(waited).toMatchObject({
      exitCode: 0,
      out: 'Function "fresh" has the snapshot fresh-1  1000 pages, 8 MiB\n',
      err: "booting, warming up and snapshotting fresh\n",
    });
    const { out } = await run(["snapshot", "list"]);
    expect(out.split("\n").map((line) => line.split(/ {2,}/))).toMatchObject([
      ["ID", "KIND", "FUNCTIONS", "RUNTIME", "SIZE", "PAGES", "WORKING SET", "STARTS", "CREATED"],
      [
        "resize-1",
        "function",
        "resize",
        "nodejs v24.1.0",
        "8 MiB",
        "1000",
        "300",
        "7",
        "2026-01-02 03:04:05Z",
      ],
      ["fresh-1", "function", "fresh", "nodejs v24.1.0", "8 MiB", "1000", "-", "7", "2026-01-02 03:04:05Z"],
      [""],
    ]);
    expect((await run(["snapshot", "delete", "fresh-1"])).out).toBe("deleted fresh-1\n");
    expect(JSON.parse((await run(["snapshot", "list", "--json"])).out)).toMatchObject({
      snapshots: [{ id: "resize-1" }],
    });
  });

  it("says why there is none", async () => {
    const { exitCode, err } = await run(["snapshot", "build", "busy", "--wait"]);
    expect([exitCode, err]).toEqual([2, expect.stringContaining("it holds a connection")]);
    expect((await run(["snapshot", "inspect", "gone"])).exitCode).toBe(2);
  });

  it("shows the time that it takes to somebody who waits", async () => {
    const { err } = await run(["snapshot", "build", "resize", "--wait"], { isTerminal: true });
    expect(err).toBe("\r\u001b[2Kbooting, warming up and snapshotting resize\r\u001b[2K");
  });

  it("tells what a snapshot holds and how starts from it went", async () => {
    for (const name of ["resize", "fresh"]) await run(["snapshot", "build", name]);
    const { out } = await run(["snapshot", "inspect", "resize-1"]);
    for (const line of [
      "image         1000 pages (3.91 MiB); 8 MiB on disk",
      "working set   300 pages (1.17 MiB) in 12 extents, 50 of zeros, 25.0 % of the image",
      "stable        90.0 % of the recorded pages were touched in each of 3 recordings",
      "misses        4 in the last of 7 restores, 5.3 on average",
      "mapped files  64 KiB read ahead in 5 ranges",
      "prefetch     yes       18 ms       4              300",
    ])
      expect(out).toContain(`${line}\n`);
    const fresh = await run(["snapshot", "inspect", "fresh-1"]);
    expect(fresh.out).toContain("working set   not recorded yet\n");
    expect(fresh.out).not.toContain("LAST STARTS");
  });

  it("writes the picture of its memory, and says where", async () => {
    await run(["snapshot", "build", "resize"]);
    const argv = ["snapshot", "inspect", "resize-1", "--svg", "pages.svg"];
    const file = join(folder, "pages.svg");
    expect(JSON.parse((await run([...argv, "--json"])).out)).toMatchObject({ id: "resize-1", svg: file });
    expect((await run(argv)).out).toContain(`wrote ${file}\n`);
    expect(readFileSync(file, "utf8")).toMatch(/^<svg [^]*250 pages[^]*<\/svg>\n$/);
    const { exitCode, err } = await run([...argv.slice(0, -1), "no/such/folder.svg"]);
    expect([exitCode, err]).toEqual([2, expect.stringContaining("--svg: ")]);
  });
});

describe("frugal deploy", () => {
  it("sends how a manifest's functions are to be snapshotted", async () => {
    mkdirSync(join(folder, "resize"));
    writeFileSync(join(folder, "resize", "index.mjs"), "");
    const settings = 'snapshot: eager, deadline: 0.25, warmUp: { count: 2, payloads: [{ width: 1 }, "a"] }';
    writeFileSync(
      join(folder, "frugal.yaml"),
      `functions: { resize: { runtime: nodejs, handler: index.handler, package: { path: resize }, ${settings} } }`,
    );
    expect((await run(["deploy"])).exitCode).toBe(0);
    expect(daemon.functions.get("resize")?.function).toMatchObject({
      snapshot: "eager",
      deadlineSeconds: 0.25,
      warmUp: { count: 2, payloads: [{ width: 1 }, "a"] },
    });
    const { out } = await run(["describe", "resize"]);
    expect(out).toMatch(/^warmUp +2 invocations; payloads: 2 of its own$/m);
  });
});
