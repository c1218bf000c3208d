import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { seconds } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { cannotCount } from "../../../test/needs.ts";
import { countableEvents } from "../countable-events.ts";
import type { CounterEvent } from "../counter-event.ts";
import type { Counters, CounterSnapshot } from "../counter-port.ts";
import { PerfPort } from "./perf-port.ts";

const port = new PerfPort({ now: () => seconds(performance.now() / 1000) });

function amountOf(counters: Counters, since: CounterSnapshot, event: CounterEvent): number {
  const amount = counters.between(since, counters.snapshot()).get(event);
  if (amount?.kind !== "counted") throw new Error(`${event}: ${amount?.reason ?? "not asked for"}`);
  return amount.amount;
}

/** A cgroup by which the kernel counts: of version 1 where that has the hierarchy, else of version 2. */
function eventHierarchy(): string {
  const mounts = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" "));
  const v1 = mounts.find(
    ([, , type, options]) => type === "cgroup" && options?.split(",").includes("perf_event"),
  );
  const folder = (v1 ?? mounts.find(([, , type]) => type === "cgroup2"))?.[1];
  if (folder === undefined) throw new Error("No cgroup file system is mounted that counts events");
  return folder;
}

/** Runs on a processor until it is stopped, or waits where `work` is nothing. */
const child = (work: string) =>
  spawn("/bin/sh", ["-c", `read go; ${work} read stop`], { stdio: ["pipe", "ignore", "ignore"] });

describe.skipIf(cannotCount)("PerfPort on this host (needs root)", () => {
  it("counts what this process does", () => {
    const counters = port.open({ kind: "process", pid: process.pid });
    const before = counters.snapshot();
    // Memory that the process has already makes no faults: more is touched until there is none left of that.
    const touched: Buffer[] = [];
    while (touched.length < 1000 && amountOf(counters, before, "pageFaults") <= 50)
      touched.push(Buffer.alloc(1 << 20, 1));
    expect(amountOf(counters, before, "pageFaults")).toBeGreaterThan(50);
    while (amountOf(counters, before, "taskClock") < 0.005) continue;
    expect(counters.events).toEqual(countableEvents());
    for (const amount of counters.between(before, counters.snapshot()).values()) {
      if (amount.kind === "unavailable") expect(amount.reason).toMatch(/\S/);
      else expect(amount.amount).toBeGreaterThanOrEqual(0);
    }
    counters.close();
    expect(counters.between(before, counters.snapshot()).get("pageFaults")?.kind).toBe("unavailable");
  });

  it("counts what the processes of a cgroup do, and only they", async () => {
    const folder = join(eventHierarchy(), `frugal-test-${process.pid}`);
    mkdirSync(folder);
    const inside = child("while :; do :; done;");
    const outside = child("");
    writeFileSync(join(folder, "cgroup.procs"), String(inside.pid));
    const numbers = cpus().map((_, index) => index);
    const counters = port.open({ kind: "cgroup", folder, cpus: numbers }, ["taskClock", "pageFaults"]);
    const before = counters.snapshot();
    outside.stdin.end("go\nstop\n");
    await new Promise((resolve) => outside.once("exit", resolve));
    expect(amountOf(counters, before, "taskClock")).toBe(0);
    inside.stdin.write("go\n");
    while (amountOf(counters, before, "taskClock") < 0.01)
      await new Promise((resolve) => setImmediate(resolve));
    inside.kill("SIGKILL");
    await new Promise((resolve) => inside.once("exit", resolve));
    counters.close();
    rmdirSync(folder);
  });
});
