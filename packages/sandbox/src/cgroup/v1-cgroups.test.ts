import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cores, mebibytes } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { isNotRoot } from "../../test/needs.ts";
import { detectCgroups } from "./detection.ts";
import { V1Cgroups } from "./v1-cgroups.ts";

const support = isNotRoot ? undefined : detectCgroups();

describe.skipIf(support?.kind !== "v1")("V1Cgroups, on this host", () => {
  const hierarchies = support?.kind === "v1" ? support.hierarchies : new Map<never, never>();

  it("limits, counts, and waits with the removal until the last process has ended", async () => {
    const cgroups = new V1Cgroups(hierarchies, `frugal-test-${process.pid}`);
    expect(cgroups.limitations).toEqual([]);
    expect(cgroups.canPin).toBe(true);
    const cgroup = cgroups.create("unit", { memory: mebibytes(64), cores: cores(0.5), processes: 9 });
    const read = (file: string): string | undefined =>
      cgroup.membership.folders
        .map((folder) => join(folder, file))
        .filter((path) => existsSync(path))
        .map((path) => readFileSync(path, "utf8").trim())[0];

    expect(read("memory.limit_in_bytes")).toBe("67108864");
    expect(read("cpu.cfs_quota_us")).toBe("50000");
    expect(read("pids.max")).toBe("9");
    const all = read("cpuset.cpus");
    expect(all).toMatch(/^0/);
    expect(cgroup.perfFolder).toMatch(/frugal-test-\d+\/unit$/);
    expect(cgroup.outOfMemoryKills()).toBe(0);
    // Up and down: the limits of memory with and without swap depend on each other.
    for (const size of [256, 32]) {
      cgroup.limit({ memory: mebibytes(size), cores: cores(1), processes: 12 });
      expect(read("memory.limit_in_bytes")).toBe(`${size * 1_048_576}`);
      expect([read("cpu.cfs_quota_us"), read("pids.max")]).toEqual(["100000", "12"]);
    }

    const limits = { memory: mebibytes(64), cores: cores(1), processes: 12 };
    cgroup.limit({ ...limits, cpus: [0] });
    expect(read("cpuset.cpus")).toBe("0");
    expect(() => cgroup.limit({ ...limits, cpus: [4095] })).toThrow("does not take 4095");
    cgroup.limit(limits);
    expect(read("cpuset.cpus")).toBe(all);

    const worker = spawn("/bin/sh", ["-c", "read x; while :; do :; done"], {
      stdio: ["pipe", "ignore", "ignore"],
    });
    for (const folder of cgroup.membership.folders)
      writeFileSync(join(folder, "cgroup.procs"), String(worker.pid));
    const before = cgroup.cpuTime() ?? 0;
    worker.stdin.end("\n");
    while ((cgroup.cpuTime() ?? 0) - before < 0.01) await new Promise((resolve) => setImmediate(resolve));
    cgroup.expedite();
    expect(read("cpu.cfs_quota_us")).toBe("-1");

    const removed = cgroup.remove();
    worker.kill("SIGKILL");
    await removed;
    expect(cgroup.membership.folders.some((folder) => existsSync(folder))).toBe(false);
    expect(cgroup.cpuTime()).toBeGreaterThan(before);
    await cgroups.close();
  });

  it("leaves nothing of a group that does not take its first limits", async () => {
    const cgroups = new V1Cgroups(hierarchies, `frugal-test-${process.pid}-refused`);
    const limits = { memory: mebibytes(64), cores: cores(1), processes: 9, cpus: [4095] };
    expect(() => cgroups.create("unit", limits)).toThrow("cpuset.cpus");
    await cgroups.close();
  });

  it("names what is not enforced where a controller is missing", async () => {
    const some = new Map([...hierarchies].filter(([controller]) => controller === "memory"));
    const cgroups = new V1Cgroups(some, `frugal-test-${process.pid}-some`);
    expect(cgroups.limitations.map((sentence) => /controller (\w+)/.exec(sentence)?.[1])).toEqual([
      "cpu",
      "cpuacct",
      "pids",
      "cpuset",
      "perf_event",
    ]);
    const cgroup = cgroups.create("unit", { memory: mebibytes(64), cores: cores(1), processes: 9 });
    expect(cgroup.cpuTime()).toBeUndefined();
    expect(cgroup.perfFolder).toBeUndefined();
    cgroup.limit({ memory: mebibytes(64), cores: cores(1), processes: 9, cpus: [0] });
    cgroup.expedite();
    await cgroup.remove();
    await cgroups.close();
  });
});
