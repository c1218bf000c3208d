import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { RuntimeDriver } from "../../test/runtime-driver.ts";
import type { Template } from "./language-runtime.ts";

const packages = mkdtempSync(join(tmpdir(), "templates-"));
afterAll(() => rmSync(packages, { recursive: true }));
cpSync(fileURLToPath(new URL("../../test/handlers/snapshots", import.meta.url)), packages, {
  recursive: true,
});
mkdirSync(join(packages, "nodejs/node_modules/dep"), { recursive: true });
writeFileSync(
  join(packages, "nodejs/node_modules/dep/index.js"),
  'exports.loads = [process.env.DEP_MODE ?? "plain"];\n',
);

const own = { nodejs: "index.mjs", python3: "index.py" };
const dependency = {
  nodejs: { path: "node_modules/dep/index.js", module: join(packages, "nodejs/node_modules/dep/index.js") },
  python3: { path: "dep.py", module: "dep" },
};
const lacksPython = process.env["CI"] === undefined && !existsSync("/usr/bin/python3");

describe.for(["nodejs", "python3"] as const)("a template of %s", (runtime) => {
  beforeEach(({ skip }) => skip(runtime === "python3" && lacksPython, "python3 is not installed"));
  const codeDirectory = join(packages, runtime);
  const started = (
    template: Template | undefined,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<RuntimeDriver> =>
    RuntimeDriver.start(runtime, template, {
      codeDirectory,
      environment: { REGION: "south", ...environment },
    });
  const clone = { REGION: "north", OWN: "the platform's", AWS_LAMBDA_LOG_STREAM_NAME: "clone-1" };

  it("comes to rest, and goes on as a clone, as often as it is told to", async () => {
    const driver = await started("function");
    await driver.until("ready");
    expect(await driver.call({})).toMatchObject({ order: [], region: "south" });
    driver.session.quiesce();
    expect(await driver.next()).toEqual({ kind: "quiesced" });
    driver.session.resume({ ...driver.environment, ...clone });
    expect(await driver.next()).toEqual({ kind: "resumed" });
    const order = ["before 2", "before 1", "after 1 in north", "after 2! in north"];
    expect(await driver.call({})).toMatchObject({
      order,
      region: "north",
      own: "the function's",
      stream: "clone-1",
    });
    driver.session.quiesce();
    await driver.until("quiesced");
    driver.session.resume({ ...driver.environment, ...clone, REGION: "west" });
    await driver.until("resumed");
    expect(await driver.call({})).toMatchObject({ region: "west", own: "the function's" });
    await driver.stop();
  });

  it("forgets the trace of its last invocation", async () => {
    const driver = await started("function");
    await driver.until("ready");
    expect(await driver.call({}, "Root=1")).toMatchObject({ trace: "Root=1" });
    driver.session.quiesce();
    await driver.until("quiesced");
    driver.session.resume(driver.environment);
    await driver.until("resumed");
    expect(await driver.call({})).toMatchObject({ trace: null });
    await driver.stop();
  });

  it("says why a hook keeps it from being dumped", async () => {
    const driver = await started("function", { FAIL: "before" });
    await driver.until("ready");
    driver.session.quiesce();
    expect(await driver.next()).toMatchObject({
      kind: "hook failed",
      error: { errorMessage: "fails before" },
    });
    await driver.stop();
  });

  it("ends where a hook fails in the clone", async () => {
    const driver = await started("function", { FAIL: "after" });
    await driver.until("ready");
    driver.session.quiesce();
    await driver.until("quiesced");
    driver.session.resume(driver.environment);
    expect(await driver.next()).toMatchObject({
      kind: "hook failed",
      error: { errorMessage: "fails after" },
    });
    expect(await driver.exited).toEqual({ kind: "exited", code: 1 });
  });

  it("tells what loading the function involved", async () => {
    const driver = await started("function", { UNREAD: "1" });
    const [, loading] = await driver.until("ready");
    await driver.stop();
    if (loading?.kind !== "loading") throw new Error(`no report, but ${JSON.stringify(loading)}`);
    const { files, environmentReads } = loading.report;
    const ofPackage = files.filter(({ path }) => path.startsWith(codeDirectory));
    expect(ofPackage.map(({ path, isDependency }) => [path, isDependency])).toEqual([
      [join(codeDirectory, own[runtime]), false],
      [join(codeDirectory, dependency[runtime].path), true],
    ]);
    expect(ofPackage[1]?.module).toBe(dependency[runtime].module);
    expect(environmentReads).toMatchObject({ DEP_MODE: null, FAIL: null });
    expect(Object.keys(environmentReads)).not.toContain("UNREAD");
    expect(Object.keys(environmentReads)).not.toContain("_HANDLER");
  });

  it("loads in phases, with a snapshot after each", async () => {
    const driver = await started("runtime");
    expect(await driver.next()).toEqual({ kind: "started" });
    const environment = { ...driver.environment, DEP_MODE: "early" };
    const pass = async (): Promise<void> => {
      driver.session.quiesce();
      expect(await driver.next()).toEqual({ kind: "quiesced" });
      driver.session.resume(driver.environment);
      expect(await driver.next()).toEqual({ kind: "resumed" });
    };
    await pass();
    driver.session.load({ environment, modules: [dependency[runtime].module] });
    expect(await driver.next()).toEqual({ kind: "loaded" });
    await pass();
    driver.session.load({ environment: { ...environment, DEP_MODE: "late" }, isTraced: true });
    const [loading, ready] = await driver.until("ready");
    const files = loading?.kind === "loading" ? loading.report.files : [];
    expect(files.map(({ path }) => path)).toContain(join(codeDirectory, own[runtime]));
    expect(ready).toEqual({ kind: "ready" });
    expect(await driver.call({})).toMatchObject({ order: [], dep: ["early"], region: "south" });
    await driver.stop();
  });

  it("tells what loading modules involved", async () => {
    const driver = await started("runtime");
    await driver.until("started");
    const environment = { ...driver.environment, DEP_MODE: "early" };
    driver.session.load({ environment, modules: [dependency[runtime].module], isTraced: true });
    const [loading] = await driver.until("loaded");
    await driver.stop();
    if (loading?.kind !== "loading") throw new Error(`no report, but ${JSON.stringify(loading)}`);
    const { files, environmentReads } = loading.report;
    const ofPackage = files.filter(({ path }) => path.startsWith(codeDirectory));
    expect(ofPackage.map(({ path }) => path)).toEqual([join(codeDirectory, dependency[runtime].path)]);
    expect(environmentReads).toMatchObject({ DEP_MODE: "early" });
  });

  it("keeps no variable that its clone is not given", async () => {
    const driver = await started("function", { FAIL: "after" });
    await driver.until("ready");
    driver.session.quiesce();
    await driver.until("quiesced");
    const given = Object.entries(driver.environment).filter(([name]) => name !== "FAIL");
    driver.session.resume(Object.fromEntries(given));
    expect(await driver.next()).toEqual({ kind: "resumed" });
    expect(await driver.call({})).toMatchObject({ region: "south", own: "the function's" });
    await driver.stop();
  });

  it.each([{ modules: ["./nowhere"] }, {}])("says why it cannot load (%o)", async (what) => {
    const driver = await started("runtime");
    await driver.next();
    driver.session.load({ environment: { ...driver.environment, FAIL: "load" }, ...what });
    expect((await driver.until("init failed")).at(-1)?.kind).toBe("init failed");
    expect(await driver.exited).toEqual({ kind: "exited", code: 1 });
  });

  it("is what an ordinary instance is not", async () => {
    const driver = await started(undefined);
    await driver.until("ready");
    driver.session.quiesce();
    expect(await driver.next()).toMatchObject({
      kind: "hook failed",
      error: { errorType: "Runtime.NoTemplate" },
    });
    expect(await driver.call({})).toMatchObject({ order: [], region: "south" });
    await driver.stop();
  });
});
