import { existsSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mebibytes } from "@frugal/core";
import { pagesOf, storeClone } from "../../../test/fake-clone-image.ts";
import { SnapshotWorld } from "../../../test/snapshot-world.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import { StoredSnapshot } from "../stored-snapshot.ts";
import { Restore, type RestoreKind } from "./restore.ts";

describe("Restore", () => {
  let world: SnapshotWorld;
  let catalogue: Catalogue;
  let snapshot: StoredSnapshot;
  beforeEach(async () => {
    world = new SnapshotWorld();
    catalogue = await world.host.open({ sizeLimit: mebibytes(64) });
    snapshot = await StoredSnapshot.load(catalogue, await storeClone(catalogue));
  });
  afterEach(() => world.remove());

  const prepare = (kind: RestoreKind, useMemory?: boolean): Promise<Restore> =>
    Restore.prepare(
      { catalogue, pager: world.pager, snapshot, sockets: [11, 12, 13], connections: [] },
      kind,
      useMemory,
    );

  /** Whether its files are kept for somebody: they outlive the removal then. */
  async function isRetained(): Promise<boolean> {
    await catalogue.remove(snapshot.id);
    return existsSync(join(snapshot.folder, "pages-1.img"));
  }

  it.each(["eager", "phase"] as const)("reads all pages of an image before it runs: %s", async (kind) => {
    const restore = await prepare(kind);
    expect(restore.image).toMatchObject({ folder: snapshot.folder, sockets: [11, 12, 13], pager: undefined });
    expect(world.pager.sessions).toEqual([]);
    expect(await restore.learn()).toBeUndefined();
    await restore.release();
    expect(await isRetained()).toBe(false);
  });

  it("records until there is a working set, then installs that, and learns from both", async () => {
    const first = await prepare("prefetch");
    expect(world.pager.sessions[0]?.request).toEqual({ image: snapshot.folder, mode: { kind: "record" } });
    expect(first.image.pager).toBe(world.pager.sessions[0]);
    expect((await first.learn())?.faults).toBe(2);
    await snapshot.settled();
    world.pager.touched = { faults: 16, pages: pagesOf(90, 16) };
    const workingSet = join(snapshot.folder, "working-set");
    const second = await prepare("prefetch");
    expect(world.pager.sessions[1]?.request.mode).toEqual({ kind: "prefetch", workingSet, faultAround: 16 });
    await second.learn();
    await snapshot.settled();
    expect(snapshot.adaptation.statistics).toMatchObject({ recordings: 1, restores: 1, lastMisses: 16 });
    expect(snapshot.workingSetPages?.count).toBe(18);
  });

  it("reads the working set from the disk where memory is not to be used, and brings files along", async () => {
    await (await prepare("prefetch")).learn();
    await snapshot.settled();
    await snapshot.keepFileRanges([{ path: "/usr/bin/node", offset: 0, length: 4096 }]);
    await prepare("prefetch", false);
    expect(world.pager.sessions.at(-1)?.request).toEqual({
      image: snapshot.folder,
      mode: {
        kind: "prefetch",
        workingSet: join(snapshot.folder, ".").concat("/./working-set"),
        faultAround: 16,
      },
      fileRanges: join(snapshot.folder, "file-ranges"),
    });
  });

  it("learns nothing from a lazy restore, or where the session has ended", async () => {
    const lazy = await prepare("lazy");
    expect(world.pager.sessions[0]?.request.mode).toEqual({ kind: "lazy", faultAround: 1 });
    expect((await lazy.learn())?.faults).toBe(2);
    const recording = await prepare("prefetch");
    await recording.release();
    expect(await recording.learn()).toBeUndefined();
    expect(snapshot.adaptation.statistics.recordings).toBe(0);
  });

  it("keeps the files until it is released, however often", async () => {
    const [one, two] = [await prepare("lazy"), await prepare("eager")];
    await one.release();
    await one.release();
    expect(world.pager.sessions[0]?.isAbandoned).toBe(true);
    expect(await isRetained()).toBe(true);
    await two.release();
    expect(existsSync(snapshot.folder)).toBe(false);
  });

  it("holds nothing where the pager fails", async () => {
    world.pager.problem = new Error("no pager");
    await expect(prepare("lazy")).rejects.toThrow("no pager");
    expect(await isRetained()).toBe(false);
  });

  it("refuses what was damaged or removed, and holds nothing", async () => {
    truncateSync(join(snapshot.folder, "pages-1.img"), 100);
    await expect(prepare("eager")).rejects.toMatchObject({
      code: "snapshot-unusable",
      message: expect.stringContaining("pages-1.img has 100 bytes") as string,
    });
    expect(existsSync(snapshot.folder)).toBe(false);
    await expect(prepare("eager")).rejects.toMatchObject({ code: "snapshot-unusable" });
    expect(world.pager.sessions).toEqual([]);
  });
});
