import { cpSync, mkdirSync, mkdtempSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cannotRunCriu } from "../../../test/needs.ts";
import { python, shell, unitSpec, written } from "../../../test/unit-spec.ts";
import { buildNativePrograms } from "../../native/native-programs.ts";
import { findCriu } from "../../snapshot/criu/find-criu.ts";
import { openUnitFactory } from "../factory.ts";
import type { Unit, UnitFactory, UnitImage, UnitSpec } from "../unit.ts";
import { restoreTools } from "./restore-tools.ts";

/** Counts the lines that it gets, in memory, and tells everybody. */
const COUNTER = `
import os, socket
channel = socket.socket(fileno=3)
count = 0
os.write(1, b"ready\\n")
while channel.recv(100):
    count += 1
    os.write(1, b"out %d\\n" % count)
    os.write(2, b"err %d\\n" % count)
    channel.sendall(f"{count} {os.getpid()} {os.environ['COLOUR']} {os.uname().nodename}".encode())
`;

describe.skipIf(cannotRunCriu)("a restored unit (needs root and an installed criu)", () => {
  let units: UnitFactory;
  let folder: string;
  let spec: UnitSpec;
  let image: UnitImage;

  beforeAll(async () => {
    await buildNativePrograms();
    folder = mkdtempSync(join(tmpdir(), "frugal-restored-"));
    const search = await findCriu();
    if (search.kind === "missing") throw new Error(search.reason);
    const tools = await restoreTools(search.criu, join(folder, "features"));
    units = await openUnitFactory({ tools, reserve: 1 });
    expect(units.isolation).toEqual({ kind: "isolated" });
    spec = unitSpec(python(COUNTER), { environment: { COLOUR: "red" }, isTemplate: true });
    image = await dumped(spec, "counter");
  });
  afterAll(async () => {
    await units.close();
    rmSync(folder, { recursive: true });
  });

  async function dumped(of: UnitSpec, name: string): Promise<UnitImage> {
    const template = units.launch(of, false);
    await written(template, "ready");
    if (name === "counter") expect(await ask(template)).toMatch(/^1 /);
    const path = join(folder, name);
    mkdirSync(path);
    const sockets = await template.dump(path);
    await template.exited;
    return { folder: path, sockets, connections: [], pager: undefined };
  }

  const restored = (of: UnitImage = image, useReserve = false): Unit => {
    return units.launch(unitSpec(spec.command, { image: of }), useReserve);
  };
  const ask = (unit: Unit): Promise<string> =>
    new Promise((resolve) => {
      unit.channel.once("data", (data: Buffer) => resolve(String(data)));
      unit.channel.write("line");
    });
  async function end(...clones: readonly Unit[]): Promise<void> {
    for (const clone of clones) {
      clone.kill();
      expect(await clone.exited).toEqual({ kind: "signalled", signal: "SIGKILL" });
    }
  }

  it("goes on where its template was dumped, and talks over its own channel and streams", async () => {
    const clone = restored();
    const { made, launched } = await clone.launched;
    expect(made).toBeLessThanOrEqual(launched);
    const outputs = [written(clone, "out 3\n"), textUntil(clone, "err 3\n")];
    expect(await ask(clone)).toMatch(/^2 100 red /);
    expect(await ask(clone)).toMatch(/^3 100 red /);
    expect(await Promise.all(outputs)).toEqual(["out 2\nout 3\n", "err 2\nerr 3\n"]);
    expect(clone.cpuTime()).toBeGreaterThan(0);
    await end(clone);
  });

  it("is one of many, which know nothing of each other", async () => {
    const clones = [restored(), restored()] as const;
    const [one, other] = clones;
    await Promise.all(clones.map(({ launched }) => launched));
    const answers = await Promise.all(clones.map(ask));
    expect(answers.map((answer) => answer.split(" ")[0])).toEqual(["2", "2"]);
    // Each has the host name of its own unit.
    expect(new Set(answers).size).toBe(2);
    await end(one);
    expect(await ask(other)).toMatch(/^3 /);
    await end(other);
  });

  it("may have waited in reserve, and takes no time to be made then", async () => {
    // The first start has the reserve filled.
    const first = restored(image, true);
    expect(await ask(first)).toMatch(/^2 /);
    for (let attempt = 0; attempt < 100; attempt++) {
      const next = restored(image, true);
      const { made } = await next.launched;
      expect(await ask(next)).toMatch(/^2 /);
      await end(next);
      if (made === 0) break;
      expect(attempt).toBeLessThan(99);
    }
    await end(first);
  });

  it("ends as its processes do, and tells how", async () => {
    const clone = restored();
    await clone.launched;
    clone.channel.end();
    expect(await clone.exited).toEqual({ kind: "exited", code: 0 });
  });

  const damages: [string, (path: string) => void][] = [
    ["is cut short", (path) => truncateSync(join(path, "core-100.img"), 10)],
    ["lacks a file", (path) => rmSync(join(path, "pages-1.img"))],
  ];
  it.each(damages)("is unrestorable, with criu's reason, where its image %s", async (_, damage) => {
    const path = mkdtempSync(join(folder, "damaged-"));
    cpSync(image.folder, path, { recursive: true });
    damage(path);
    const clone = restored({ ...image, folder: path });
    await expect(clone.launched).rejects.toThrow("could not be");
    const exit = await clone.exited;
    expect(exit.kind).toBe("unrestorable");
    expect("reason" in exit && exit.reason).toMatch(/core-100|pages data/);
  });

  it("is not made of a process that has ended, and the reason is told", async () => {
    const template = units.launch(unitSpec(shell("echo ready"), { isTemplate: true }), false);
    expect(await template.exited).toEqual({ kind: "exited", code: 0 });
    await expect(template.dump(folder)).rejects.toThrow("ended too early");
  });

  it("is killed while it is restored, and leaves nothing", async () => {
    const clone = restored();
    clone.launched.catch(() => undefined);
    clone.kill();
    expect(await clone.exited).toEqual({ kind: "signalled", signal: "SIGKILL" });
  });
});

/** What it writes to its standard error until there is `text`. */
function textUntil(unit: Unit, text: string): Promise<string> {
  return new Promise((resolve) => {
    let sofar = "";
    unit.stderr.on("data", (chunk: Buffer) => {
      sofar += chunk.toString();
      if (sofar.includes(text)) resolve(sofar);
    });
  });
}
