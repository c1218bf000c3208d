import { bytes, functionName, joules, milliseconds, seconds } from "@frugal/core";
import { beforeEach, describe, expect, it } from "vitest";
import { FakePlatform } from "../../test/fake-platform.ts";
import { FakeSnapshots } from "../../test/fake-snapshots.ts";
import type { InvocationResult } from "../platform/platform.ts";
import { completeSettings, definitionOf } from "../registry/function-settings.ts";
import { Metrics } from "./metrics.ts";

const hello = definitionOf(
  functionName("hello"),
  completeSettings({ runtime: "nodejs", handler: "index.handler" }, undefined),
  { revision: 1, codeSha256: "", codeSize: bytes(1), codeDirectory: "", lastModified: "" },
);

const energy = {
  kind: "energy",
  joules: joules(2),
  source: "model",
  quality: "estimated",
  interval: seconds(4),
  detail: "a test's",
} as const;

const executed = (
  start: "warm" | "cold",
  outcome: (InvocationResult & { kind: "executed" })["outcome"],
): InvocationResult => ({
  kind: "executed",
  requestId: "r",
  outcome,
  start,
  startKind: start === "cold" ? "boot" : undefined,
  startEnergy: undefined,
  phases:
    start === "cold"
      ? { unit: milliseconds(4), restore: milliseconds(0), runtime: milliseconds(20), init: milliseconds(30) }
      : undefined,
  wait: milliseconds(60),
  duration: milliseconds(7),
  energy,
  pace: undefined,
  counters: {},
});
const good = {
  kind: "success",
  payload: Buffer.from("1"),
  cpu: undefined,
  pageFaults: undefined,
} as const;

let platform: FakePlatform;
let snapshots: FakeSnapshots;
let metrics: Metrics;
let lost: number;

beforeEach(() => {
  platform = new FakePlatform();
  platform.deploy(hello);
  platform.energy = energy;
  lost = 0;
  snapshots = new FakeSnapshots();
  metrics = new Metrics({
    platform,
    snapshots,
    queue: { counts: () => ({ queued: 3, running: 2 }) },
    logs: {
      get dropped() {
        return lost;
      },
    },
  });
});

/** The samples of one metric. */
async function samples(name: string): Promise<readonly string[]> {
  return (await metrics.text()).split("\n").filter((line) => line.startsWith(name));
}

describe("Metrics", () => {
  it("counts invocations by outcome, with durations and waits", async () => {
    metrics.observe(hello, executed("cold", good));
    metrics.observe(hello, executed("warm", good));
    metrics.observe(
      hello,
      executed("warm", { kind: "lost", error: { code: "function-timeout", message: "" } }),
    );
    metrics.observe(hello, {
      kind: "refused",
      requestId: "r",
      error: { code: "overloaded", message: "" },
      retryAfter: undefined,
    });
    expect(await samples("frugal_invocations_total")).toEqual([
      'frugal_invocations_total{function="hello",outcome="success"} 2',
      'frugal_invocations_total{function="hello",outcome="function-timeout"} 1',
      'frugal_invocations_total{function="hello",outcome="overloaded"} 1',
    ]);
    expect(await samples("frugal_invocation_duration_seconds_count")).toEqual([
      'frugal_invocation_duration_seconds_count{function="hello"} 3',
    ]);
    expect(await samples("frugal_cold_starts_total")).toEqual([
      'frugal_cold_starts_total{function="hello"} 1',
    ]);
    expect(await samples("frugal_start_phase_seconds_sum")).toEqual([
      'frugal_start_phase_seconds_sum{kind="boot",phase="unit"} 0.004',
      'frugal_start_phase_seconds_sum{kind="boot",phase="restore"} 0',
      'frugal_start_phase_seconds_sum{kind="boot",phase="runtime"} 0.02',
      'frugal_start_phase_seconds_sum{kind="boot",phase="init"} 0.03',
    ]);
  });

  it("reads instances, queues, energy and the process when it is scraped", async () => {
    const text = await metrics.text();
    for (const line of [
      'frugal_instances{function="hello",state="idle"} 1',
      'frugal_function_cpu_seconds_total{function="hello"} 0.5',
      'frugal_function_joules_total{function="hello",source="model",quality="estimated"} 2',
      'frugal_machine_joules_total{source="model",quality="estimated"} 10',
      'frugal_idle_joules_total{cause="static"} 5',
      'frugal_idle_joules_total{cause="other-processes"} 1',
      'frugal_async_invocations{state="queued"} 3',
      "frugal_log_records_dropped_total 0",
    ])
      expect(text).toContain(`${line}\n`);
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
    lost = 4;
    expect(await samples("frugal_log_records_dropped_total")).toEqual(["frugal_log_records_dropped_total 4"]);
  });

  it("shows snapshots by kind, and what became of templates", async () => {
    expect(await samples("frugal_snapshots")).toEqual([]);
    await snapshots.build(hello.name);
    snapshots.outcome = { kind: "failed", reason: "it has open connections" };
    await snapshots.build(hello.name);
    const text = await metrics.text();
    for (const line of [
      'frugal_snapshots{kind="function"} 1',
      'frugal_snapshot_bytes{kind="function"} 4096000',
      'frugal_snapshot_builds_total{result="built"} 1',
      'frugal_snapshot_builds_total{result="failed"} 1',
      'frugal_snapshot_builds_total{result="stopped"} 0',
    ])
      expect(text).toContain(`${line}\n`);
  });

  it("shows the power since the last scrape, and keeps it where no time has passed", async () => {
    expect(await samples("frugal_machine_watts")).toEqual(["frugal_machine_watts 2.5"]);
    expect(await samples("frugal_machine_watts")).toEqual(["frugal_machine_watts 2.5"]);
    platform.energy = { ...energy, interval: seconds(14) };
    expect(await samples("frugal_machine_watts")).toEqual(["frugal_machine_watts 0"]);
  });

  it("shows no energy at all where there is none to read (I6)", async () => {
    platform.energy = { kind: "unavailable", reason: "no meter" };
    for (const name of [
      "frugal_machine_joules_total",
      "frugal_function_joules_total",
      "frugal_idle_joules_total",
      "frugal_machine_watts",
    ])
      expect(await samples(name)).toEqual([]);
  });

  it("forgets a removed function", async () => {
    metrics.observe(hello, executed("cold", good));
    platform.remove(hello.name);
    metrics.forget("hello");
    metrics.forget("hello");
    expect((await metrics.text()).includes("hello")).toBe(false);
    metrics.observe(hello, executed("warm", good));
    expect(await samples("frugal_invocations_total")).toEqual([
      'frugal_invocations_total{function="hello",outcome="success"} 1',
    ]);
  });
});
