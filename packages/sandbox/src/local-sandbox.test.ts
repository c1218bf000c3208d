import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { mebibytes, type Runtime, seconds } from "@frugal/core";
import { FakeClock } from "../test/fake-clock.ts";
import { InstanceDriver } from "../test/instance-driver.ts";
import { cannotIsolate } from "../test/needs.ts";
import { realClock } from "../test/real-clock.ts";
import { hostArchitecture } from "./host/architecture.ts";
import { LocalSandbox } from "./local-sandbox.ts";
import type { InstanceSpec } from "./instance-spec.ts";
import type { InstanceEnd, InvokeOutcome } from "./sandbox.ts";
import { openUnitFactory } from "./unit/factory.ts";
import { buildNativePrograms } from "./native/native-programs.ts";
import type { UnitFactory } from "./unit/unit.ts";

const codeOf = (runtime: Runtime): string =>
  fileURLToPath(new URL(`../test/handlers/${runtime}`, import.meta.url));
const errorCode = (of: InstanceEnd | InvokeOutcome): string | undefined =>
  of.kind === "lost" || of.kind === "start-failed" ? of.error.code : undefined;
const messageOf = (of: InstanceEnd | InvokeOutcome): string =>
  "error" in of ? JSON.stringify(of.error) : "";

const unitKinds: readonly [name: string, skip: boolean, make: () => Promise<UnitFactory>][] = [
  ["plain units", false, () => openUnitFactory({ isolation: "none" })],
  ["isolated units", cannotIsolate, openIsolated],
];

async function openIsolated(): Promise<UnitFactory> {
  await buildNativePrograms();
  const units = await openUnitFactory();
  expect(units.isolation).toEqual({ kind: "isolated" });
  return units;
}

const foreignArchitecture = hostArchitecture === "arm64" ? "x86_64" : "arm64";
const runtimes = ["nodejs", "python3", "provided"] as const;
/** The executable of the `provided` package is a Python script. */
const lacksPython = process.env["CI"] === undefined && !existsSync("/usr/bin/python3");
const isLeftOut = (runtime: Runtime): boolean => runtime !== "nodejs" && lacksPython;

for (const [name, skip, makeUnits] of unitKinds)
  describe.skipIf(skip)(`LocalSandbox on ${name}`, () => {
    const clock = new FakeClock();
    let sandbox: LocalSandbox;
    beforeAll(async () => {
      sandbox = new LocalSandbox({ units: await makeUnits(), clock });
    });
    afterAll(() => sandbox.close());
    const started = (runtime: Runtime, changes: Partial<InstanceSpec> = {}): InstanceDriver =>
      new InstanceDriver(sandbox, { runtime, codeDirectory: codeOf(runtime), ...changes });

    describe.for(runtimes)("%s", (runtime) => {
      beforeEach(({ skip }) => skip(isLeftOut(runtime), "python3 is not installed"));

      it("executes one invocation after the other, with any JSON value", async () => {
        const instance = started(runtime);
        const phases = await instance.ready;
        expect(Math.min(phases.unit, phases.runtime, phases.init)).toBeGreaterThanOrEqual(0);
        for (const value of [1, "Grüße 漢字 🙂 \ud800", null, [], { a: { b: [true, ""] } }, "\u2028\0"]) {
          expect(await instance.call({ do: "echo", value })).toEqual(value);
        }
        instance.instance.stop();
        expect(await instance.ended).toEqual({ kind: "stopped" });
      });

      it("carries payloads up to the limit, and refuses larger results without ending", async () => {
        const instance = started(runtime);
        const value = "é".repeat(2_950_000);
        expect(await instance.call({ do: "echo", value })).toBe(value);
        const outcome = await instance.invoke({ do: "large", size: 6_291_556 });
        expect(outcome.kind === "function-error" && outcome.error.errorType).toBe(
          "Function.ResponseSizeTooLarge",
        );
        expect(await instance.call({ do: "echo", value: "alive" })).toBe("alive");
        instance.instance.stop();
      });

      it("reports the errors of handlers, and goes on", async () => {
        const instance = started(runtime);
        const outcome = await instance.invoke({ do: "fail", message: "kein Gruß" });
        expect(outcome).toMatchObject({
          kind: "function-error",
          error: { errorType: "GreetingError", errorMessage: "kein Gruß" },
        });
        expect(await instance.call({ do: "echo", value: 1 })).toBe(1);
        instance.instance.stop();
      });

      it("logs before the result, attributed to the invocation", async () => {
        const instance = started(runtime);
        for (const text of ["one", "zwei ü"]) {
          const requestId = randomUUID();
          await instance.call({ do: "log", text }, { requestId });
          const lines = instance.textOf(requestId).split("\n").sort();
          expect(lines).toEqual(["", `error: ${text}`, text]);
        }
        const requestId = randomUUID();
        await instance.call({ do: "native" }, { requestId });
        expect(instance.textOf(requestId)).toBe("from a child\n");
        instance.instance.stop();
      });

      it("ends an invocation at its timeout, with what it logged", async () => {
        const instance = started(runtime, { invokeTimeout: seconds(7) });
        const requestId = randomUUID();
        const invocation = instance.invoke({ do: "loop" }, { requestId });
        await instance.logged("before the loop");
        clock.advance(seconds(7));
        const outcome = await invocation;
        expect(errorCode(outcome)).toBe("function-timeout");
        expect(messageOf(outcome)).toContain("timeout of 7 s");
        expect(instance.textOf(requestId)).toBe("before the loop\n");
        expect(errorCode(await instance.ended)).toBe("function-timeout");
      });

      it("says that a handler ended its process", async () => {
        const instance = started(runtime);
        const requestId = randomUUID();
        const outcome = await instance.invoke({ do: "exit", code: 7 }, { requestId });
        expect(errorCode(outcome)).toBe("function-crashed");
        expect(messageOf(outcome)).toContain("exit code 7");
        expect(instance.textOf(requestId)).toBe("last words\n");
        expect((await instance.ended).kind).toBe("lost");
      });

      it("says why a function cannot be initialised", async () => {
        const handler = "broken.handler";
        const end = await started(runtime, { handler }).ended;
        expect(errorCode(end)).toBe("init-failed");
        expect(messageOf(end)).toContain("broken on purpose");
        const slow = started(runtime, { handler: "slow.handler", initTimeout: seconds(7) });
        await slow.logged("loading");
        clock.advance(seconds(7));
        expect(errorCode(await slow.ended)).toBe("init-timeout");
      });

      it("gives the function its environment, its context and its package", async () => {
        const environment = { GREETING: "hallo=ü", AWS_LAMBDA_FUNCTION_NAME: "not this" };
        const instance = started(runtime, { environment });
        expect(await instance.call({ do: "environment", name: "GREETING" })).toBe("hallo=ü");
        expect(await instance.call({ do: "environment", name: "AWS_LAMBDA_FUNCTION_NAME" })).toBe("greet");
        expect(await instance.call({ do: "environment", name: "npm_config_registry" })).toBeNull();
        const requestId = randomUUID();
        const clientContext = Buffer.from(JSON.stringify({ custom: { who: "ü" } })).toString("base64");
        const context = await instance.call({ do: "context" }, { requestId, clientContext });
        expect(context).toMatchObject({
          requestId,
          name: "greet",
          version: "$LATEST",
          memory: 256,
          client: { who: "ü" },
        });
        expect(context).toMatchObject({ arn: "arn:aws:lambda:local:0:function:greet" });
        expect((context as { remaining: number }).remaining).toBeGreaterThan(0);
        expect((context as { remaining: number }).remaining).toBeLessThanOrEqual(30_000);
        expect(await instance.call({ do: "files" })).not.toEqual([]);
        instance.instance.stop();
      });

      it("survives a flood of output, and says how much was dropped", async () => {
        const instance = started(runtime);
        const requestId = randomUUID();
        expect(await instance.call({ do: "flood", lines: 100_000 }, { requestId })).toBe(100_000);
        const text = instance.textOf(requestId);
        expect(text.length).toBeLessThan(1_049_000);
        expect(text).toContain(`frugal: ${10_000_000 - 1_048_576} bytes of output were dropped`);
        instance.instance.stop();
      });

      it("loses what runs when it is stopped", async () => {
        const instance = started(runtime);
        const outcome = instance.invoke({ do: "loop" });
        await instance.ready;
        instance.instance.stop();
        instance.instance.stop();
        expect(errorCode(await outcome)).toBe("shutting-down");
        expect(await instance.ended).toEqual({ kind: "stopped" });
        expect(errorCode(await instance.invoke({}))).toBe("shutting-down");
      });
    });

    describe.for(["nodejs", "python3"] as const)("%s", (runtime) => {
      beforeEach(({ skip }) => skip(isLeftOut(runtime), "python3 is not installed"));

      it("executes invocations side by side, and tells their output apart", async () => {
        const instance = started(runtime, { concurrency: 3 });
        const names = ["Ada", "Bob", "Cy"];
        const calls = names.map(async (name) => {
          const requestId = randomUUID();
          const result = await instance.call({ do: "meet", parties: 3, name }, { requestId });
          return [result, instance.textOf(requestId)];
        });
        expect(await Promise.all(calls)).toEqual(
          names.map((name) => [name, `${name} is here\n${name} leaves\n`]),
        );
        instance.instance.stop();
      });

      it("carries any JSON document unchanged", async () => {
        const instance = started(runtime);
        await fc.assert(
          fc.asyncProperty(fc.jsonValue({ noUnicodeString: false, maxDepth: 3 }), async (value) => {
            expect(await instance.call({ do: "echo", value })).toEqual(JSON.parse(JSON.stringify(value)));
          }),
          { numRuns: 200 },
        );
        instance.instance.stop();
      });

      it("measures CPU time, keeps the channel to itself, and reports what is no JSON", async () => {
        const instance = started(runtime);
        const outcome = await instance.invoke({ do: "large", size: 3_000_000 });
        expect(outcome.kind === "success" && Number(outcome.cpu)).toBeGreaterThan(0);
        expect(await instance.call({ do: "descriptor" })).toBe("none");
        expect(await instance.invoke({ do: "unserialisable" })).toMatchObject({
          error: { errorType: "Runtime.MarshalError" },
        });
        expect(await instance.invoke(Buffer.from("{no json"))).toMatchObject({ kind: "function-error" });
        instance.instance.stop();
      });
    });

    describe("nodejs", () => {
      it.each([
        ["lib/styles.callback", { called: 5 }],
        ["lib/styles.synchronous", { returned: 5 }],
        ["lib/styles.silent", null],
        ["lib/styles.done", "done"],
        ["lib/styles.nested.deep.handler", "nested"],
        ["typed.handler", "typed 5"],
      ])("runs %s", async (handler, expected) => {
        const instance = started("nodejs", { handler });
        for (let i = 0; i < 3; i++) expect(await instance.call({ value: 5 })).toEqual(expected);
        instance.instance.stop();
      });

      it("reports a callback's error", async () => {
        const instance = started("nodejs", { handler: "lib/styles.callbackError" });
        const outcome = await instance.invoke({ value: "no" });
        expect(outcome).toMatchObject({
          kind: "function-error",
          error: { errorType: "TypeError", errorMessage: "no" },
        });
        instance.instance.stop();
      });

      it.each([1, 2])(
        "ends with an uncaught error, which its invocation gets (concurrency %i)",
        async (concurrency) => {
          const instance = started("nodejs", { concurrency });
          const outcome = await instance.invoke({ do: "uncaught", message: "too late" });
          expect(errorCode(outcome)).toBe("function-failed");
          expect(messageOf(outcome)).toContain("RangeError");
          expect(errorCode(await instance.ended)).toBe("function-failed");
        },
      );

      it("names the memory limit when the heap outgrows it", async () => {
        const instance = started("nodejs", { memory: mebibytes(64) });
        const outcome = await instance.invoke({ do: "hoard" });
        expect(errorCode(outcome)).toBe("out-of-memory");
        expect(messageOf(outcome)).toContain("64 MiB");
        expect(errorCode(await instance.ended)).toBe("out-of-memory");
      });

      it.each([
        ["an unknown kind", "00000000ff00000000", "function-crashed"],
        ["an outcome without its start", "010000001401000000ff", "function-crashed"],
        ["more than a result may have", "ffffffff1401000000", "result-too-large"],
      ])("ends a function that writes %s to the channel", async (_what, hex, code) => {
        const instance = started("nodejs");
        const outcome = await instance.invoke({ do: "meddle", hex });
        expect(errorCode(outcome)).toBe(code);
        expect(messageOf(outcome)).toContain("descriptor 3");
        expect(errorCode(await instance.ended)).toBe(code);
      });

      it("ends a function that closes the channel and stays", async () => {
        const instance = started("nodejs");
        const timers = clock.timers;
        const outcome = instance.invoke({ do: "hang up" });
        // The instance's own deadline, and its patience with a process that should be ending.
        await vi.waitUntil(() => clock.timers === timers + 1, { timeout: 30_000 });
        clock.advance(seconds(1));
        expect(errorCode(await outcome)).toBe("function-crashed");
        expect(messageOf(await outcome)).toContain("closed its channel");
        expect((await instance.ended).kind).toBe("lost");
      });

      it("takes no notice of outcomes that nobody waits for", async () => {
        const instance = started("nodejs");
        expect(await instance.call({ do: "meddle", hex: "100000001463000000" + "0".repeat(32) })).toBeNull();
        expect(await instance.call({ do: "echo", value: 1 })).toBe(1);
        instance.instance.stop();
      });

      it("returns null for undefined", async () => {
        const instance = started("nodejs");
        expect(await instance.call({ do: "nothing" })).toBeNull();
        instance.instance.stop();
      });
    });

    it.each([
      [{ handler: "missing.handler" }, "init-failed", "missing.mjs"],
      [{ handler: "index" }, "init-failed", "file.export"],
      [{ handler: "index.nothing" }, "init-failed", "nothing"],
      [{ handler: "../../secret.handler" }, "init-failed", "not in the package"],
      [{ codeDirectory: "/nowhere" }, "invalid-package", "/nowhere"],
      [{ architectures: [foreignArchitecture] }, "runtime-missing", `made for ${foreignArchitecture}`],
      [{ runtime: "provided", handler: "index.mjs" }, "init-failed", "not executable"],
      [{ runtime: "provided", handler: "" }, "init-failed", "bootstrap"],
      [{ runtime: "python3", handler: "index.handler" }, "init-failed", "index.py"],
    ] as const)("refuses %j before anything is launched", async (changes, code, words) => {
      const end = await started("nodejs", changes).ended;
      expect([end.kind, errorCode(end)]).toEqual(["start-failed", code]);
      expect(messageOf(end)).toContain(words);
    });

    it("stops everything when it is closed", async ({ skip }) => {
      skip(lacksPython, "python3 is not installed");
      const own = new LocalSandbox({ units: await makeUnits(), clock });
      const instances = runtimes.map(
        (runtime) =>
          new InstanceDriver(own, { runtime, codeDirectory: codeOf(runtime), initTimeout: seconds(30) }),
      );
      await Promise.all(instances.map(({ ready }) => ready));
      await own.close();
      expect(await Promise.all(instances.map(({ ended }) => ended))).toEqual(
        Array(3).fill({ kind: "stopped" }),
      );
    });
  });

describe("the phases of a start", () => {
  it("are told as they were, although the platform was busy with other things meanwhile", async () => {
    const codeDirectory = mkdtempSync(join(tmpdir(), "frugal-phases-"));
    const mark = join(codeDirectory, "loaded");
    writeFileSync(
      join(codeDirectory, "index.mjs"),
      `import fs from "node:fs"; fs.writeFileSync(${JSON.stringify(mark)}, ""); export const handler = () => 1;`,
    );
    const sandbox = new LocalSandbox({
      units: await openUnitFactory({ isolation: "none" }),
      clock: realClock,
    });
    const begun = realClock.now();
    const instance = new InstanceDriver(sandbox, { codeDirectory });
    // Holds the event loop: every message of the start waits until the function is loaded.
    const sleeper = new Int32Array(new SharedArrayBuffer(4));
    while (!existsSync(mark)) Atomics.wait(sleeper, 0, 0, 5);
    const { unit, runtime, init } = await instance.ready;
    expect(Math.min(unit, runtime, init)).toBeGreaterThan(0);
    expect(unit + runtime + init).toBeLessThanOrEqual(realClock.now() - begun);
    await sandbox.close();
    rmSync(codeDirectory, { recursive: true });
  });
});

describe("a platform that dies", () => {
  it.for(["nodejs", "python3"] as const)("takes its plain %s instances along", async (runtime, { skip }) => {
    skip(isLeftOut(runtime), "python3 is not installed");
    const script = fileURLToPath(new URL("../test/dying-platform.ts", import.meta.url));
    const platform = spawnSync(process.execPath, [script, runtime, codeOf(runtime)], { encoding: "utf8" });
    const pid = Number(platform.stdout);
    expect(platform.signal).toBe("SIGKILL");
    expect(pid).toBeGreaterThan(1);
    // Its descriptors are closed with the platform; the process follows as soon as it is scheduled.
    await vi.waitUntil(() => !isRunning(pid), { timeout: 30_000 });
  });
});

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
