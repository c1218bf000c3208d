/**
 * The main job, as its user runs it: `./frugal demo`, with the hour that comes along and with a real trace file.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const checkout = join(import.meta.dirname, "..", "..");
const sharedData = process.env["FRUGAL_SHARED_DATA"] ?? join(checkout, "..", "shared", "data");
const traceFile = join(sharedData, "azure-functions-2019-sample", "invitro_1000_inv.csv.gz");

interface Report {
  readonly invocations: number;
  readonly errors: number;
  readonly wrongOutputs: number;
  readonly functions: readonly {
    readonly invocations: number;
    readonly joules: number;
    readonly latencySeconds: object;
  }[];
  readonly energy: {
    readonly joules: number;
    readonly idleJoules: number;
    readonly source: string;
    readonly quality: string;
  };
}

function demo(...flags: readonly string[]): Report {
  const { status, stdout, stderr } = spawnSync(join(checkout, "frugal"), ["demo", "--json", ...flags], {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as Report;
}

function expectSound(report: Report): void {
  expect(report).toMatchObject({ errors: 0, wrongOutputs: 0 });
  expect(report.functions).toHaveLength(10);
  const functions = report.functions.reduce((sum, { joules }) => sum + joules, 0);
  expect((functions + report.energy.idleJoules) / report.energy.joules).toBeCloseTo(1, 6);
  expect(["measured", "attributed", "estimated"]).toContain(report.energy.quality);
}

it("replays the hour that comes with Frugal, and every output is right", () => {
  const report = demo("--seconds", "8");
  expectSound(report);
  expect(report.invocations).toBeGreaterThanOrEqual(200);
}, 120_000);

it.skipIf(!existsSync(traceFile))(
  "replays rows and minutes of a real trace file (needs shared data)",
  () => {
    const report = demo("--seconds", "5", "--trace", traceFile, "--minutes", "600-660", "--scale", "0.1");
    expectSound(report);
    expect(report.invocations).toBeGreaterThan(0);
  },
  120_000,
);
