import { existsSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bytes, functionName, seconds } from "@frugal/core";
import { snapshotSpec, SnapshotWorld, twice } from "../../test/snapshot-world.ts";
import type { Catalogue } from "./catalogue/catalogue.ts";
import type { HostSnapshots } from "./host-snapshots.ts";

const greet = functionName("greet");
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe("HostSnapshots", () => {
  let world: SnapshotWorld;
  let catalogue: Catalogue;
  let snapshots: HostSnapshots;
  const spec = snapshotSpec();
  beforeEach(async () => {
    world = new SnapshotWorld();
    ({ catalogue, snapshots } = await world.open());
  });
  afterEach(() => world.remove());

  async function built(of = spec): Promise<string> {
    const result = await snapshots.build(of, twice).done;
    if (result.kind !== "built") throw new Error(JSON.stringify(result));
    return result.id;
  }
  const folderOf = (id: string): string => catalogue.get(id)?.folder ?? "";
  const offered = async (of = spec): Promise<readonly string[]> =>
    (await snapshots.offers(of)).map(({ kind }) => kind);

  it("has nothing to offer of a function that it does not know, and says so at a start", async () => {
    expect(await offered()).toEqual([]);
    expect(snapshots.find(spec)).toBeUndefined();
    await expect(snapshots.prepare(spec, "prefetch", true)).rejects.toMatchObject({
      code: "snapshot-unusable",
      message: "there is no snapshot of it yet",
    });
    await expect(snapshots.prepare(spec, "phase", true)).rejects.toThrow("no boot phase fits");
  });

  it("prepares starts of each kind, and offers them", async () => {
    const id = await built();
    expect(await offered()).toEqual(["phase", "eager", "lazy", "prefetch"]);
    for (const kind of ["eager", "lazy", "prefetch"] as const) {
      const { plan, snapshot, restore } = await snapshots.prepare(spec, kind, true);
      expect([snapshot.id, plan.image?.folder]).toEqual([id, folderOf(id)]);
      expect(plan.image?.pager === undefined).toBe(kind === "eager");
      await restore.release();
    }
    const { plan, restore } = await snapshots.prepare(spec, "phase", true);
    expect(plan.image?.folder).not.toBe(folderOf(id));
    await restore.release();
    expect(snapshots.list().map(({ kind }) => kind)).toEqual(["function", "runtime"]);
    expect((await snapshots.inspect(id))?.workingSet?.recordings).toBe(1);
    expect(await snapshots.inspect("none")).toBeUndefined();
  });

  it("keeps the working set of what was started last in memory", async () => {
    const id = await built();
    expect([...world.pager.preloaded]).toEqual([join(folderOf(id), "working-set")]);
  });

  it("says how a snapshot of the function differs where none fits", async () => {
    await built();
    const changed = snapshotSpec({ environment: { COLOUR: "blue" } });
    expect(await offered(changed)).toEqual(["phase"]);
    await expect(snapshots.prepare(changed, "eager", true)).rejects.toThrow("other environment variables");
  });

  it("offers what it has not looked at yet, and reads that once (S2)", async () => {
    const id = await built();
    await snapshots.close();
    const next = await world.open();
    expect((await next.snapshots.offers(spec)).map(({ kind }) => kind)).toContain("prefetch");
    await next.snapshots.verifyAll();
    expect(await next.catalogue.verify(id)).toMatchObject({ kind: "whole", hashed: 0 });
    await next.snapshots.close();
  });

  it("refuses damaged ones in the background, and tells who has to know", async () => {
    const id = await built();
    const damaged = join(folderOf(id), "pages-1.img");
    await snapshots.close();
    const next = await world.open();
    const gone: string[] = [];
    next.snapshots.onRemoval((functions) => gone.push(...functions));
    truncateSync(damaged, 100);
    await Promise.all([next.snapshots.verifyAll(), next.snapshots.verifyAll()]);
    expect(world.complaints).toEqual([
      expect.stringMatching(new RegExp(`^The snapshot ${id} of greet is refused: pages-1.img has 100 bytes`)),
    ]);
    expect(gone).toEqual(["greet"]);
    expect((await next.snapshots.offers(spec)).map(({ kind }) => kind)).toEqual(["phase"]);
    await next.snapshots.close();
  });

  it("keeps nothing of a snapshot that is removed, for whatever cause", async () => {
    const causes: [string, (id: string) => unknown][] = [
      ["removed", (id) => snapshots.remove(id)],
      ["removed behind its back", (id) => catalogue.remove(id)],
      [
        "refused",
        (id) => {
          truncateSync(join(folderOf(id), "pages-1.img"), 100);
          return catalogue.verify(id);
        },
      ],
    ];
    for (const [cause, remove] of causes) {
      const id = await built();
      const folder = folderOf(id);
      await remove(id);
      expect([cause, world.pager.dropped.at(-1)]).toEqual([cause, folder]);
      expect([...world.pager.preloaded]).toEqual([]);
      expect(snapshots.find(spec)).toBeUndefined();
      expect(await snapshots.inspect(id)).toBeUndefined();
      await expect(snapshots.prepare(spec, "eager", true)).rejects.toThrow("its snapshot is gone: ");
      expect(await snapshots.remove(id)).toBe(false);
    }
  });

  it("lets go of those that make room for others, and never takes the new one for the old one", async () => {
    const id = await built();
    const folder = folderOf(id);
    const size = catalogue.get(id)?.size ?? 0;
    await snapshots.close();
    // Room for one function and the runtime, not for two functions.
    const small = await world.open(bytes(catalogue.size + size / 2));
    await small.snapshots.prepare(spec, "prefetch", true).then(({ restore }) => restore.release());
    await small.snapshots.build(snapshotSpec({ codeSha256: "other" }), twice).done;
    expect(small.snapshots.find(spec)).toBeUndefined();
    expect(world.pager.dropped).toContain(folder);
    expect([...world.pager.preloaded].some((path) => path.startsWith(folder))).toBe(false);
    expect(existsSync(folder)).toBe(false);
    await small.snapshots.close();
  });

  it("removes a snapshot from which three starts in a row have failed", async () => {
    const id = await built();
    for (const reason of ["a", "b"]) await snapshots.failed(id, reason);
    snapshots.restored(id, greet, seconds(0.1));
    for (const reason of ["c", "d"]) await snapshots.failed(id, reason);
    expect([catalogue.get(id)?.id, world.complaints]).toEqual([id, []]);
    await snapshots.failed(id, "bad image");
    await snapshots.failed(id, "bad image");
    expect(catalogue.get(id)).toBeUndefined();
    expect(world.complaints).toEqual([
      `The snapshot ${id} is removed, because 3 starts from it in a row have failed: bad image`,
    ]);
  });

  it("tells the catalogue what starts save against boots, as far as that is known", async () => {
    const id = await built();
    const told: (number | undefined)[] = [];
    catalogue.started = (of, saved) => told.push(of === id ? saved : NaN);
    snapshots.restored(id, greet, seconds(0.25));
    snapshots.booted(greet, seconds(1));
    snapshots.restored(id, greet, seconds(0.25));
    snapshots.restored(id, functionName("other"), seconds(0.25));
    expect(told).toEqual([undefined, 0.75, undefined]);
  });

  it("stops builds when it is closed, and closes what it took over after them", async () => {
    world.runtime.hangsAt = "invoke";
    const build = snapshots.build(spec, twice);
    while (!world.runtime.steps.includes("invoke")) await turn();
    await snapshots.close();
    expect(await build.done).toEqual({ kind: "stopped" });
    expect(world.units.latest.isKilled).toBe(true);
    expect([world.pager.isClosed, world.leftovers]).toEqual([true, []]);
    expect(await snapshots.build(spec, twice).done).toEqual({ kind: "stopped" });
  });
});
