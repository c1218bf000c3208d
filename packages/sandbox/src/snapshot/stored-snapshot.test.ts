import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bytes, seconds } from "@frugal/core";
import { pagesOf, storeClone } from "../../test/fake-clone-image.ts";
import { FakeHost, fakeKey } from "../../test/fake-snapshot.ts";
import type { Catalogue } from "./catalogue/catalogue.ts";
import { StoredSnapshot } from "./stored-snapshot.ts";
import { decodeFileRanges } from "./working-set/file-ranges.ts";
import { readWorkingSetIndex } from "./working-set/working-set-file.ts";

describe("StoredSnapshot", () => {
  let root: string;
  let host: FakeHost;
  let catalogue: Catalogue;
  let stored: StoredSnapshot;
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), "frugal-stored-"));
    host = new FakeHost(root);
    catalogue = await host.open({ sizeLimit: bytes(64 * 1024 * 1024) });
    stored = await StoredSnapshot.load(catalogue, await storeClone(catalogue));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const pagesOnDisk = async (): Promise<number> =>
    (await readWorkingSetIndex(stored.workingSetFile ?? "")).extents.reduce(
      (sum, { pages }) => sum + pages,
      0,
    );

  /** As the next platform finds it. */
  async function reopen(): Promise<StoredSnapshot> {
    const next = await host.open({ sizeLimit: bytes(64 * 1024 * 1024) });
    expect(next.refusals).toEqual([]);
    const finding = next.find(fakeKey());
    if (finding.kind !== "found") throw new Error(finding.kind);
    expect(await next.verify(finding.snapshot.id)).toMatchObject({ kind: "whole" });
    return StoredSnapshot.load(next, finding.snapshot);
  }

  it("asks to be recorded before anything else", () => {
    expect(stored.pageCount).toBe(100);
    expect([stored.workingSet, stored.workingSetFile, stored.workingSetPages]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("writes what was recorded, and what was missed beside it, until it knows", async () => {
    stored.recorded(pagesOf(0, 10));
    await stored.settled();
    expect(stored.workingSet).toBe(join(stored.folder, "working-set"));
    expect(await pagesOnDisk()).toBe(10);
    stored.restored(pagesOf(150, 20));
    expect(stored.workingSetPages?.count).toBe(10);
    await stored.settled();
    expect([stored.workingSetPages?.count, await pagesOnDisk()]).toEqual([30, 30]);
    expect(await catalogue.verify(stored.id)).toMatchObject({ kind: "whole" });
  });

  it("is written by one writer at a time, and ends with what was learnt last", async () => {
    for (let i = 1; i <= 4; i++) {
      if (i === 1) stored.recorded(pagesOf(0, 10));
      else stored.restored(pagesOf(20 * i, 20));
    }
    await stored.settled();
    expect(await pagesOnDisk()).toBe(70);
    expect(readdirSync(root).filter((name) => name.startsWith("staging"))).toEqual([]);
  });

  it("is recorded anew after too many misses, and installs nothing then", async () => {
    stored.recorded(pagesOf(0, 10));
    for (let i = 0; i < 8; i++) stored.restored(pagesOf(100, 80));
    stored.restored(pagesOf(0, 100));
    await stored.settled();
    for (let i = 0; i < 3; i++) stored.restored(pagesOf(0, 200));
    expect(stored.workingSet).toBeUndefined();
    expect(stored.workingSetFile).toBeDefined();
    stored.recorded(pagesOf(0, 200));
    await stored.settled();
    expect(stored.workingSet).toBeDefined();
  });

  it("comes back as it was in the next process", async () => {
    stored.recorded(pagesOf(0, 10));
    await stored.settled();
    stored.restored(pagesOf(0, 0));
    await stored.keepFileRanges([{ path: "/usr/lib/a b.so", offset: 4096, length: 8192 }]);
    await stored.close();
    const next = await reopen();
    expect(next.workingSetPages?.equals(pagesOf(0, 10))).toBe(true);
    expect(next.adaptation.statistics).toEqual(stored.adaptation.statistics);
    expect(decodeFileRanges(readFileSync(next.fileRanges ?? "", "utf8"))).toEqual([
      { path: "/usr/lib/a b.so", offset: 4096, length: 8192 },
    ]);
  });

  it("keeps the old files where the disk takes no new ones, and tries again", async () => {
    stored.recorded(pagesOf(0, 10));
    await stored.settled();
    const replace = catalogue.replace.bind(catalogue);
    catalogue.replace = () => Promise.reject(new Error("the disk is full"));
    stored.restored(pagesOf(50, 20));
    await stored.settled();
    expect([stored.workingSetPages?.count, await pagesOnDisk()]).toEqual([10, 10]);
    catalogue.replace = replace;
    stored.restored(pagesOf(80, 20));
    await stored.settled();
    expect(await pagesOnDisk()).toBe(50);
  });

  it("does not bring a removed snapshot back", async () => {
    await catalogue.remove(stored.id);
    stored.recorded(pagesOf(0, 10));
    await stored.close();
    expect([stored.workingSet, existsSync(stored.folder)]).toEqual([undefined, false]);
  });

  it("offers what starts took, the newest with some weight, and keeps a record of the last", () => {
    const record = {
      kind: "prefetch",
      isPooled: true,
      latency: seconds(1),
      faults: 1,
      prefetched: 1,
    } as const;
    expect(stored.offer("prefetch")).toEqual({
      kind: "prefetch",
      latency: undefined,
      cpu: undefined,
      memory: undefined,
    });
    const figures = { latency: seconds(1), cpu: seconds(0.5), memory: bytes(1000) };
    stored.started("prefetch", figures, undefined);
    stored.started("prefetch", { latency: seconds(2), cpu: undefined, memory: undefined }, record);
    expect(stored.offer("prefetch")).toEqual({
      kind: "prefetch",
      latency: expect.closeTo(1.3) as number,
      cpu: 0.5,
      memory: 1000,
    });
    expect(figures.latency).toBe(1);
    expect(stored.offer("eager").latency).toBeUndefined();
    for (let i = 0; i < 300; i++) stored.started("eager", figures, record);
    expect([stored.starts, stored.records.length]).toEqual([301, 200]);
  });
});
