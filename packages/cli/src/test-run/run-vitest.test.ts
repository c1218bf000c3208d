/**
 * The real vitest on a made-up project: one file of each kind of trouble.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, describe, it } from "vitest";
import { checkoutFolder } from "../checkout.ts";
import { runVitest } from "./run-vitest.ts";
import { judgeReport, summaryLine, type TestReport } from "./test-report.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vitest-project-"));
  writeFileSync(join(folder, "package.json"), '{"type": "module"}');
  symlinkSync(join(checkoutFolder, "node_modules"), join(folder, "node_modules"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const put = (name: string, body: string): void => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), `import { it, expect } from "vitest";\n${body}\n`);
};

async function run(given: readonly string[] = [], isCi = false): Promise<TestReport> {
  // Vitest tells its workers by variables that must not reach the run inside the run.
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST|NODE_ENV|CI)/.test(name)),
  );
  const { exitCode, report } = await runVitest({
    given,
    folder,
    environment,
    progress: "nowhere",
  });
  return judgeReport(report, { isCi, isSelection: false, exitCode, folder });
}

describe("runVitest", () => {
  it("reports what passed, failed, was skipped or could not be collected", async () => {
    put(
      "good.test.js",
      `it("passes", () => {}); it.skip("needs root", () => {}); it.skip("derives (needs shared data)", () => {});`,
    );
    put("bad.test.js", `it("fails", () => expect(1).toBe(2));`);
    put("broken.test.js", `import "./nowhere.js";`);
    const report = await run();
    expect(summaryLine(report)).toBe("1 passed, 2 failed, 2 skipped");
    expect([...report.failures].sort()).toEqual([
      "bad.test.js: fails",
      expect.stringMatching(/^broken.test.js: could not be collected: .*nowhere/),
    ]);
    expect(summaryLine(await run(["good"], true))).toBe("1 passed, 1 failed, 1 skipped");
    expect(await run(["nothing-like-it"])).toMatchObject({ passed: 0, failures: ["no test file was found"] });
  });

  it("counts an error that no test caught, and a worker that dies", async () => {
    put("late.test.js", `it("passes", () => { void Promise.reject(new Error("nobody caught")); });`);
    expect((await run()).failed).toBe(1);
    put("late.test.js", `it("dies", () => { process.kill(process.pid, "SIGKILL"); });`);
    expect((await run()).failed).toBeGreaterThan(0);
  });
});
