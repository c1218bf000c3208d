import { existsSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { functionName } from "@frugal/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../test/daemon-rig.ts";
import { FakePlatform } from "../../test/fake-platform.ts";
import { ManualClock } from "../../test/manual-clock.ts";
import { handlerZip } from "../../test/zip-archive.ts";
import { CodeStore } from "./code-store.ts";
import { openDatabase } from "./database.ts";
import { Deployments } from "./deployments.ts";
import { FunctionStore } from "./function-store.ts";
import { containing } from "../../test/matchers.ts";

const name = functionName("hello");
const settings = { runtime: "nodejs24.x", handler: "index.handler" };
const clock = new ManualClock();

let folder: string;
let database: DatabaseSync;
let store: FunctionStore;
let platform: FakePlatform;
let deployments: Deployments;

function open(): void {
  database = openDatabase(folder);
  const code = new CodeStore(folder);
  store = new FunctionStore(database, (sha256) => code.folderOf(sha256));
  platform = new FakePlatform();
  deployments = new Deployments({ store, code, platform, clock });
}

beforeEach(() => {
  folder = temporaryFolder();
  open();
});
afterEach(() => {
  if (database.isOpen) database.close();
  rmSync(folder, { recursive: true, force: true });
});

const create = () => deployments.create(name, { settings, code: handlerZip() });

/** From here on the database has no room. */
const fillDisk = (): void => database.exec("PRAGMA max_page_count = 1");

describe("Deployments", () => {
  it("keeps functions across a restart, with the same meaning (F1)", async () => {
    const { definition } = await deployments.create(name, {
      settings: { ...settings, environment: { A: "1" }, network: { kind: "egress", allow: ["10.1.2.0/24"] } },
      code: handlerZip(),
    });
    database.close();
    open();
    expect(await deployments.restore()).toEqual([]);
    expect(platform.deployed.get("hello")).toEqual(definition);
    expect(existsSync(join(definition.codeDirectory, "index.mjs"))).toBe(true);
  });

  it("gives every change a greater revision, also after a removal (F2)", async () => {
    const revisions: number[] = [];
    const note = (): void => void revisions.push(store.find(name)?.definition.revision ?? -1);
    await create();
    note();
    await deployments.update(name, { settings: { memoryMiB: 512 } });
    note();
    await deployments.remove(name);
    await create();
    note();
    expect(revisions).toEqual([...revisions].sort((a, b) => a - b));
    expect(new Set(revisions).size).toBe(3);
  });

  it("changes neither memory nor database nor platform where the disk is full (F1)", async () => {
    await create();
    const before = { stored: store.find(name), settings: platform.deployed.get("hello")?.memory };
    fillDisk();
    const large = "x".repeat(4000);
    for (let i = 0; i < 3; i++)
      await expect(
        deployments.update(name, { settings: { memoryMiB: 1024, environment: { LARGE: large } } }),
      ).rejects.toMatchObject({ code: "storage-failed", message: containing("disk is full") });
    await expect(
      deployments.create(functionName("other"), {
        settings: { ...settings, environment: { LARGE: large } },
        code: handlerZip(),
      }),
    ).rejects.toMatchObject({ code: "storage-failed" });
    expect(store.find(name)).toBe(before.stored);
    expect(platform.deployed.get("hello")?.memory).toBe(before.settings);
    expect([...platform.deployed.keys()]).toEqual(["hello"]);
    database.close();
    open();
    expect(store.list().map(({ definition }) => definition.name)).toEqual(["hello"]);
    expect(store.find(name)?.settings.memoryMiB).toBe(256);
  });

  it("replaces all settings and keeps the code where none is given", async () => {
    const { definition } = await deployments.replace(name, {
      settings: { ...settings, timeoutSeconds: 60 },
      code: handlerZip(),
    });
    const replaced = await deployments.replace(name, { settings: { ...settings, memoryMiB: 512 } });
    expect(replaced.definition).toMatchObject({ timeout: 3, codeSha256: definition.codeSha256 });
    await expect(deployments.replace(functionName("new"), { settings })).rejects.toMatchObject({
      code: "invalid-request",
      message: containing("needs code"),
    });
  });

  it("makes changes of one function in turn", async () => {
    const outcomes = await Promise.allSettled([create(), create(), deployments.remove(name), create()]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
  });

  it("says which stored functions cannot run after a restart, and starts all the same", async () => {
    await create();
    database.close();
    open();
    platform.refusal = new Error("too large for this machine");
    expect(await deployments.restore()).toEqual([containing("hello is stored but cannot run here")]);
  });
});

describe("openDatabase()", () => {
  it("refuses a second platform on the same data directory", () => {
    expect(() => openDatabase(folder)).toThrow(/Another Frugal uses this data directory/);
  });

  it("refuses a database of a newer Frugal, and says what to do", () => {
    database.exec("PRAGMA user_version = 99");
    database.close();
    expect(() => openDatabase(folder)).toThrow(/schema 99.*newer Frugal/);
  });

  it("keeps secrets from other users", () => {
    expect(statSync(join(folder, "frugal.db")).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "frugal.db-wal")).mode & 0o777).toBe(0o600);
  });
});
