/**
 * The benchmark workflows, as their user runs them: deployed with their functions by the command line, on a real platform.
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type PlatformProcess, startPlatformProcess } from "@frugal/cli";
import { type BenchmarkWorkflow, benchmarkWorkflows } from "@frugal/functions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const checkout = join(import.meta.dirname, "..", "..");
const workflows: readonly (readonly [string, BenchmarkWorkflow])[] = Object.entries(benchmarkWorkflows);

let platform: PlatformProcess;
let folder: string;

/** The answer as JSON; fails where the command does. */
async function frugal(...argv: readonly string[]): Promise<unknown> {
  const child = spawn(join(checkout, "frugal"), [...argv, "--json", "--endpoint", platform.url]);
  const ended = new Promise((resolve) => child.once("close", resolve));
  const [out, err, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  expect(status, err + out).toBe(0);
  return JSON.parse(out);
}

interface Run {
  readonly id: string;
  readonly status: string;
  readonly output: unknown;
  readonly deadlineSeconds: number;
  readonly latencySeconds: number;
  readonly slackSeconds: number;
  readonly stages: readonly Readonly<Record<string, unknown>>[];
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "frugal-workflow-"));
  platform = await startPlatformProcess();
  const deployed = await frugal("deploy", join(checkout, "functions"));
  expect(deployed).toMatchObject({ functions: { length: 10 }, workflows: { length: workflows.length } });
}, 120_000);
afterAll(async () => {
  await platform.close();
  await rm(folder, { recursive: true, force: true });
});

async function run(name: string, input: object): Promise<Run> {
  const file = join(folder, "input.json");
  await writeFile(file, JSON.stringify(input));
  return (await frugal("workflow", "run", name, "--input-file", file)) as Run;
}

describe.each(workflows)("%s", (name, workflow) => {
  it.each(workflow.inputs())("answers its input %# rightly, and tells how each stage went", async (input) => {
    const ended = await run(name, input);
    expect(ended.status).toBe("completed");
    expect(workflow.check(input, ended.output)).toBeUndefined();
    expect(ended.slackSeconds).toBeCloseTo(ended.deadlineSeconds - ended.latencySeconds, 6);
    expect(ended.stages.length).toBeGreaterThanOrEqual(2);
    for (const stage of ended.stages) {
      expect(Object.keys(stage)).toEqual(
        expect.arrayContaining(
          ["latencySeconds", "waitSeconds", "budgetSeconds", "slackSeconds", "coreHertz", "uncoreHertz", "joules", "energy", "startKind"], // prettier-ignore
        ),
      );
      expect(stage["latencySeconds"]).toBeGreaterThan(0);
      expect(workflow.functions).toContain(stage["function"]);
      expect(["warm", "boot", "phase", "eager", "prefetch"]).toContain(stage["startKind"]);
    }
  });

  it("is described, drawn and explained", async () => {
    const details = await frugal("workflow", "describe", name);
    expect(details).toMatchObject({ name, quantile: 0.95, runs: { completed: workflow.inputs().length } });
    const drawn = (await frugal("workflow", "graph", name)) as { readonly stages: readonly unknown[] };
    expect(drawn.stages.length).toBeGreaterThanOrEqual(workflow.functions.length);
    const plan = (await frugal("pace", "explain", name)) as { readonly stages: readonly unknown[] };
    expect(plan.stages).toHaveLength(drawn.stages.length);
  });
});

it("lists what ran", async () => {
  const { runs } = (await frugal("workflow", "list", "--runs", "--status", "completed")) as {
    readonly runs: readonly Run[];
  };
  expect(runs).toHaveLength(workflows.flatMap(([, workflow]) => workflow.inputs()).length);
});
