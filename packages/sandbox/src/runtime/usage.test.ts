import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Runtime } from "@frugal/core";
import { FakeClock } from "../../test/fake-clock.ts";
import { InstanceDriver } from "../../test/instance-driver.ts";
import type { InstanceSpec } from "../instance-spec.ts";
import { LocalSandbox } from "../local-sandbox.ts";
import { openUnitFactory } from "../unit/factory.ts";

const lacksPython = process.env["CI"] === undefined && !existsSync("/usr/bin/python3");
/** Of 4 KiB; where pages are larger, fewer are touched. */
const PAGES = 2000;

/** Touches memory that the process never had. */
const toucher = `
import mmap
import resource

def handler(event, context):
    if event == "whose":
        return resource.WHOSE
    memory = mmap.mmap(-1, event * 4096)
    for page in range(event):
        memory[page * 4096] = 1
    return None
`;

describe("what an invocation has used", () => {
  let sandbox: LocalSandbox;
  let folder: string;
  beforeAll(async () => {
    sandbox = new LocalSandbox({
      units: await openUnitFactory({ isolation: "none" }),
      clock: new FakeClock(),
    });
    folder = mkdtempSync(join(tmpdir(), "frugal-usage-"));
    writeFileSync(join(folder, "index.py"), toucher);
    writeFileSync(join(folder, "resource.py"), "WHOSE = 'own'\n");
    writeFileSync(
      join(folder, "index.mjs"),
      "export const handler = async (pages) => { Buffer.alloc(pages * 4096, 1); return null; };",
    );
  });
  afterAll(async () => {
    await sandbox.close();
    rmSync(folder, { recursive: true });
  });

  const started = (runtime: Runtime, changes: Partial<InstanceSpec> = {}): InstanceDriver =>
    new InstanceDriver(sandbox, { runtime, codeDirectory: folder, ...changes });
  async function usageOf(instance: InstanceDriver, event: unknown) {
    const outcome = await instance.invoke(event);
    if (outcome.kind !== "success") throw new Error(JSON.stringify(outcome));
    return { cpu: outcome.cpu, pageFaults: outcome.pageFaults };
  }

  it("are nodejs: CPU time, and the pages that it was the first to touch", async () => {
    const instance = started("nodejs");
    const few = await usageOf(instance, 1);
    const many = await usageOf(instance, PAGES);
    expect(Math.min(Number(few.cpu), Number(many.cpu))).toBeGreaterThan(0);
    // A large page may bring in many at once.
    expect(Number(many.pageFaults)).toBeGreaterThan(0);
    expect(Number(few.pageFaults)).toBeLessThan(PAGES);
    instance.instance.stop();
  });

  it.skipIf(lacksPython)(
    "are python3: the same, while the function keeps its own module resource",
    async () => {
      const instance = started("python3");
      expect(await instance.call("whose")).toBe("own");
      const { cpu, pageFaults } = await usageOf(instance, PAGES);
      expect(Number(cpu)).toBeGreaterThan(0);
      expect(Number(pageFaults)).toBeGreaterThan(0);
      expect(Number((await usageOf(instance, 1)).pageFaults)).toBeLessThan(PAGES);
      instance.instance.stop();
    },
  );

  it.each(["nodejs", "python3"] as const)("are unknown of %s with several at a time", async (runtime) => {
    if (runtime === "python3" && lacksPython) return;
    const instance = started(runtime, { concurrency: 2 });
    expect(await usageOf(instance, 1)).toEqual({ cpu: undefined, pageFaults: undefined });
    instance.instance.stop();
  });

  it.skipIf(lacksPython)("are CPU time alone for provided", async () => {
    const codeDirectory = fileURLToPath(new URL("../../test/handlers/provided", import.meta.url));
    const instance = started("provided", { codeDirectory });
    const { cpu, pageFaults } = await usageOf(instance, { do: "echo", value: 1 });
    expect([typeof cpu, pageFaults]).toEqual(["number", undefined]);
    instance.instance.stop();
  });
});
