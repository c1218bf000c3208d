import { describe, expect, it } from "vitest";
import { judgeReport, type ReportRules, summaryLine } from "./test-report.ts";

const rules: ReportRules = { isCi: false, isSelection: false, exitCode: 0, folder: "/checkout" };
const file = (status: string, tests: Record<string, string>, message = "") => ({
  name: "/checkout/a.test.ts",
  status,
  message,
  assertionResults: Object.entries(tests).map(([fullName, state]) => ({ fullName, status: state })),
});
const judged = (files: readonly unknown[], more: Partial<ReportRules> = {}) =>
  judgeReport({ testResults: files }, { ...rules, ...more });

describe("judgeReport", () => {
  it("counts", () => {
    const report = judged(
      [file("failed", { a: "passed", b: "passed", c: "failed", d: "skipped", e: "todo" })],
      { exitCode: 1 },
    );
    expect(report).toMatchObject({ passed: 2, failed: 1, skipped: 2, failures: ["a.test.ts: c"] });
    expect(summaryLine(report)).toBe("2 passed, 1 failed, 2 skipped");
    expect(summaryLine(judged([file("passed", { a: "passed" })]))).toBe("1 passed, 0 failed");
  });

  it("counts a file that cannot be collected, and an error outside of tests (V1)", () => {
    expect(judged([file("failed", {}, "Cannot find module\nmore")], { exitCode: 1 })).toMatchObject({
      failed: 1,
      failures: ["a.test.ts: could not be collected: Cannot find module"],
    });
    expect(judged([file("passed", { a: "passed" })], { exitCode: 1 })).toMatchObject({
      passed: 1,
      failed: 1,
    });
    expect(judged([], { exitCode: 1 }).failures).toEqual(["no test file was found"]);
    expect(judgeReport(undefined, { ...rules, exitCode: 139 })).toMatchObject({ passed: 0, failed: 1 });
  });

  it("allows in CI no skipped test but those that lack shared data (V2)", () => {
    const files = [
      file("passed", { a: "passed", "needs root": "skipped", "derives (needs shared data)": "skipped" }),
    ];
    expect(judged(files)).toMatchObject({ passed: 1, failed: 0, skipped: 2 });
    expect(judged(files, { isCi: true })).toMatchObject({
      passed: 1,
      failed: 1,
      skipped: 1,
      failures: ["a.test.ts: needs root: skipped, which CI does not allow"],
    });
    expect(judged(files, { isCi: true, isSelection: true })).toMatchObject({ failed: 0, skipped: 2 });
  });
});
