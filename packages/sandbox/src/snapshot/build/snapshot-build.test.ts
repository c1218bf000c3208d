import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { seconds } from "@frugal/core";
import type { FakeUnit } from "../../../test/fake-unit.ts";
import { instanceSpec } from "../../../test/instance-spec.ts";
import type { RuntimeStep } from "../../../test/obedient-runtime.ts";
import { snapshotSpec, SnapshotWorld, twice } from "../../../test/snapshot-world.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { HostSnapshots } from "../host-snapshots.ts";
import type { BuildResult } from "../snapshots.ts";

const template: readonly RuntimeStep[] = ["start", "invoke", "invoke", "quiesce"];
const rehearsal: readonly RuntimeStep[] = ["resume", "invoke"];
const phase: readonly RuntimeStep[] = ["start", "quiesce"];

describe("SnapshotBuild", () => {
  let world: SnapshotWorld;
  let catalogue: Catalogue;
  let snapshots: HostSnapshots;
  beforeEach(async () => {
    world = new SnapshotWorld();
    ({ catalogue, snapshots } = await world.open());
  });
  afterEach(() => world.remove());

  const kinds = (): readonly string[] => catalogue.list().map(({ manifest }) => manifest.kind);
  /** Nothing is left of any unit or half-made snapshot, and nobody holds one. */
  const expectNothingLeft = (): void => {
    expect(world.units.units.every(({ isKilled }) => isKilled)).toBe(true);
    expect(world.leftovers).toEqual([]);
    expect(world.pager.sessions.every(({ isAbandoned }) => isAbandoned)).toBe(true);
    expect(world.host.clock.timers).toBe(0);
  };

  it("warms a template up, dumps it, rehearses starts from it, and makes the phase of the runtime", async () => {
    const build = snapshots.build(snapshotSpec(), twice);
    const result = await build.done;
    expect(result).toEqual({ kind: "built", id: snapshots.find(snapshotSpec()) });
    expect(world.runtime.steps).toEqual([...template, ...rehearsal, ...rehearsal, ...rehearsal, ...phase]);
    expect(world.runtime.payloads).toEqual(["1", "2", "1", "1", "1"]);
    expect(world.units.specs.map(({ id }) => id)).toEqual(["t-1", "t-2", "t-3", "t-4", "t-5"]);
    expect(world.units.specs.map(({ isTemplate }) => isTemplate)).toEqual([
      true,
      undefined,
      undefined,
      undefined,
      true,
    ]);
    expect(world.pager.sessions.map(({ request }) => request.mode.kind)).toEqual(["record", "prefetch"]);
    expect(kinds()).toEqual(["function", "runtime"]);
    const offers = await snapshots.offers(snapshotSpec());
    expect(offers.map(({ kind, latency }) => [kind, latency])).toEqual([
      ["phase", undefined],
      ["eager", 0],
      ["lazy", undefined],
      ["prefetch", 0],
    ]);
    expectNothingLeft();
  });

  it("keeps one function's variables out of what functions share", async () => {
    await snapshots.build(snapshotSpec(), twice).done;
    expect(world.units.specs.at(-1)?.environment).not.toHaveProperty("COLOUR");
    expect(world.units.specs[0]?.environment).toHaveProperty("COLOUR", "red");
  });

  it("makes what is missing only", async () => {
    await snapshots.build(snapshotSpec(), twice).done;
    world.runtime.steps.length = 0;
    expect((await snapshots.build(snapshotSpec(), twice).done).kind).toBe("built");
    expect(world.runtime.steps).toEqual([...rehearsal, ...rehearsal, ...rehearsal]);
    await snapshots.build(snapshotSpec({ codeSha256: "other" }), { count: 0, payloads: [] }).done;
    expect([...kinds()].sort()).toEqual(["function", "function", "runtime"]);
  });

  it("makes none of a package without a checksum", async () => {
    const spec = instanceSpec({ id: "t" });
    const result = await snapshots.build(spec, twice).done;
    expect(result).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining("no checksum") as string,
    });
    expect(world.units.units).toEqual([]);
  });

  const failing: [RuntimeStep, string][] = [
    ["start", "its initialisation failed: Error: as the test wants"],
    ["invoke", "it ended with an uncaught error: Error: as the test wants"],
    ["quiesce", "Error: as the test wants"],
    ["resume", "Error: as the test wants"],
  ];
  it.each(failing)(
    "fails with the reason where the step %s fails, and leaves no snapshot",
    async (step, reason) => {
      world.runtime.failsAt = step;
      expect(await snapshots.build(snapshotSpec(), twice).done).toEqual({ kind: "failed", reason });
      expect(kinds()).toEqual([]);
      expectNothingLeft();
    },
  );

  it.each(["start", "invoke", "quiesce", "resume"] as const)(
    "does not wait for ever for the step %s",
    async (step) => {
      world.runtime.hangsAt = step;
      world.runtime.before = (present) => {
        if (present === step) setImmediate(() => world.host.clock.advance(seconds(30)));
      };
      const result = await snapshots.build(snapshotSpec(), twice).done;
      expect(result).toMatchObject({
        kind: "failed",
        reason: expect.stringContaining("longer than 30 s") as string,
      });
      expectNothingLeft();
    },
  );

  it("says why criu refuses", async () => {
    world.whenLaunched = (unit) => {
      unit.whenDumped = () => Promise.reject(new Error("criu: io_uring is in use"));
    };
    const result = await snapshots.build(snapshotSpec(), twice).done;
    expect(result).toEqual({ kind: "failed", reason: "criu: io_uring is in use" });
    expectNothingLeft();
  });

  it("keeps the snapshot where the host, not the snapshot, fails in a rehearsal", async () => {
    world.runtime.before = (step) => {
      if (step === "quiesce") world.pager.problem = new Error("no pager");
    };
    expect(await snapshots.build(snapshotSpec(), twice).done).toEqual({ kind: "failed", reason: "no pager" });
    expect(kinds()).toEqual(["function"]);
    world.pager.problem = undefined;
    await catalogue.remove(catalogue.list()[0]?.id ?? "");
    expectNothingLeft();
  });

  it("holds no restore where no clone can be launched", async () => {
    world.runtime.before = (step) => {
      if (step === "quiesce") world.units.problem = new Error("no unit");
    };
    expect(await snapshots.build(snapshotSpec(), twice).done).toEqual({ kind: "failed", reason: "no unit" });
    const [snapshot] = catalogue.list();
    await catalogue.remove(snapshot?.id ?? "");
    expectNothingLeft();
  });

  it("has built the function's snapshot where only a phase fails", async () => {
    let starts = 0;
    world.runtime.before = (step) => {
      if (step === "start" && ++starts === 2) world.runtime.failsAt = "quiesce";
    };
    expect((await snapshots.build(snapshotSpec(), twice).done).kind).toBe("built");
    expect(kinds()).toEqual(["function"]);
    expectNothingLeft();
  });

  // The steps are those of the template and three rehearsals; those after them are of the shared phase.
  it("stops at each step, with nothing left and no template started afterwards", async () => {
    const steps = template.length + 3 * rehearsal.length;
    for (let moment = 1; moment <= steps; moment++) {
      const own = new SnapshotWorld();
      const opened = await own.open();
      let taken = 0;
      const build = opened.snapshots.build(snapshotSpec(), twice);
      let launched = 0;
      own.runtime.before = () => {
        if (++taken !== moment) return;
        launched = own.units.units.length;
        build.stop();
        build.stop();
      };
      expect([moment, await build.done]).toEqual([moment, { kind: "stopped" }]);
      expect(own.units.units).toHaveLength(launched);
      expect(own.units.units.every(({ isKilled }) => isKilled)).toBe(true);
      expect([own.leftovers, own.host.clock.timers]).toEqual([[], 0]);
      // A snapshot that was complete stays: the next build goes on from there.
      const kept = opened.catalogue.list().map(({ manifest }) => manifest.kind);
      expect(kept).toEqual(moment <= template.length ? [] : ["function"]);
      own.remove();
    }
  });

  it("is stopped before its first unit", async () => {
    const build = snapshots.build(snapshotSpec(), twice);
    build.stop();
    expect(await build.done).toEqual({ kind: "stopped" });
    expect(world.units.units).toEqual([]);
    expectNothingLeft();
  });

  it("counts the CPU time of all its units", async () => {
    const units: FakeUnit[] = [];
    world.whenLaunched = (unit) => {
      units.push(unit);
      unit.cpu = seconds(units.length);
    };
    const build = snapshots.build(snapshotSpec(), twice);
    expect(build.cpuTime()).toBeUndefined();
    await build.done;
    expect(build.cpuTime()).toBe(1 + 2 + 3 + 4 + 5);
  });

  it("tries the dependencies' phase with the variables that they read", async () => {
    const path = "/usr/bin/env";
    world.runtime.loading = {
      files: [{ module: "dep", path, isDependency: true }],
      environmentReads: { COLOUR: "red", OTHER: null },
      absences: [],
    };
    const result: BuildResult = await snapshots.build(snapshotSpec(), twice).done;
    expect(result.kind).toBe("built");
    expect(kinds()).toEqual(["function", "runtime", "dependencies"]);
    expect(world.runtime.loads.map(({ environment, modules }) => [modules, environment["COLOUR"]])).toEqual([
      [["dep"], undefined],
      [["dep"], "red"],
    ]);
    const { manifest } = catalogue.list()[2] ?? {};
    expect(manifest?.phase?.files.map((file) => file.path)).toEqual([path]);
    expect(JSON.stringify(manifest)).not.toContain('"red"');
    expectNothingLeft();
  });
});
