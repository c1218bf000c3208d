import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FakeClock } from "../../../test/fake-clock.ts";
import { InstanceDriver } from "../../../test/instance-driver.ts";
import { cannotIsolate, cannotRunCriu } from "../../../test/needs.ts";
import { python, shell, transcriptOf, unitLimits, unitSpec, written } from "../../../test/unit-spec.ts";
import { LocalSandbox } from "../../local-sandbox.ts";
import { buildNativePrograms } from "../../native/native-programs.ts";
import { findCriu } from "../../snapshot/criu/find-criu.ts";
import { openUnitFactory } from "../factory.ts";
import type { Unit, UnitFactory } from "../unit.ts";
import { restoreTools } from "./restore-tools.ts";

const limits = unitLimits({ cpus: [0] });
const ALLOWED = ["/bin/grep", "Cpus_allowed_list", "/proc/self/status"] as const;
/** Of every processor of the host, as the kernel writes it. */
const everywhere = statusOf("self");

/** What each process of a unit, or an instance, may run on. */
function allowedIn(folder: string | undefined): readonly string[] {
  const processes = readFileSync(join(folder ?? "/nowhere", "cgroup.procs"), "utf8")
    .trim()
    .split("\n");
  return [...new Set(processes.map(statusOf))];
}

function statusOf(process: string): string {
  return /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync(`/proc/${process}/status`, "utf8"))?.[1] ?? "";
}

async function end(unit: Unit): Promise<void> {
  unit.kill();
  await unit.exited;
}

/** Starts units until one has waited in reserve. */
async function reserved(start: () => Unit): Promise<Unit> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const unit = start();
    if ((await unit.launched).made === 0) return unit;
    await end(unit);
  }
  throw new Error("No unit came from the reserve");
}

describe.skipIf(cannotIsolate)("a pinned unit (needs root)", () => {
  let units: UnitFactory;
  beforeAll(async () => {
    await buildNativePrograms();
    units = await openUnitFactory({ reserve: 1 });
    expect(units.isolation).toEqual({ kind: "isolated" });
    expect(units.limitations.filter((sentence) => sentence.includes("cpuset"))).toEqual([]);
  });
  afterAll(() => units.close());

  it("runs on its processors only, and any other on all", async () => {
    const pinned = await transcriptOf(units.launch(unitSpec(ALLOWED, { limits }), false));
    expect(pinned.stdout).toBe("Cpus_allowed_list:\t0\n");
    const loose = await transcriptOf(units.launch(unitSpec(ALLOWED), false));
    expect(loose.stdout).toBe(`Cpus_allowed_list:\t${everywhere}\n`);
  });

  it("is pinned with all its processes where it has waited in reserve", async () => {
    const unit = await reserved(() => units.launch(unitSpec(shell("sleep 60 & wait"), { limits })));
    expect(allowedIn(unit.perfFolder())).toEqual(["0"]);
    await end(unit);
    expect(unit.perfFolder()).toBeUndefined();
  });

  it("is unusable, with the reason, where the host has no such processor", async () => {
    const reason = expect.stringContaining("4095") as unknown;
    for (const useReserve of [false, true]) {
      const spec = unitSpec(["/bin/true"], { limits: unitLimits({ cpus: [4095] }) });
      expect(await units.launch(spec, useReserve).exited).toMatchObject({ kind: "unusable", reason });
    }
  });
});

describe.skipIf(cannotIsolate)("a pinned instance (needs root)", () => {
  it("runs its function on its processors only", async () => {
    await buildNativePrograms();
    const sandbox = new LocalSandbox({
      units: await openUnitFactory({ reserve: 1 }),
      clock: new FakeClock(),
    });
    const codeDirectory = fileURLToPath(new URL("../../../test/handlers/nodejs", import.meta.url));
    const instance = new InstanceDriver(sandbox, { codeDirectory, cpus: [0] });
    await instance.ready;
    expect(allowedIn(instance.instance.perfFolder())).toEqual(["0"]);
    await sandbox.close();
  });
});

describe.skipIf(cannotRunCriu)("a pinned clone (needs root and an installed criu)", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "frugal-pinned-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(["made for it", "from the reserve"])(
    "runs on its processors only, in a unit %s",
    async (origin) => {
      await buildNativePrograms();
      const search = await findCriu();
      if (search.kind === "missing") throw new Error(search.reason);
      const tools = await restoreTools(search.criu, join(folder, "features"));
      const units = await openUnitFactory({ tools, reserve: 1 });
      // The template may run anywhere.
      const script = "import os, time\nos.write(1, b'ready\\n')\nwhile True: time.sleep(60)";
      const template = units.launch(unitSpec(python(script), { isTemplate: true }), false);
      await written(template, "ready");
      const image = join(folder, origin);
      mkdirSync(image);
      const sockets = await template.dump(image);
      await template.exited;

      const spec = (): Parameters<UnitFactory["launch"]>[0] =>
        unitSpec(python(script), {
          limits,
          image: { folder: image, sockets, connections: [], pager: undefined },
        });
      const isReserved = origin === "from the reserve";
      const clone = isReserved ? await reserved(() => units.launch(spec())) : units.launch(spec(), false);
      await clone.launched;
      expect(allowedIn(clone.perfFolder())).toEqual(["0"]);
      await end(clone);
      await units.close();
    },
  );
});
