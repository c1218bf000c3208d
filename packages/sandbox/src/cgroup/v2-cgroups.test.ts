import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cores, FrugalError, mebibytes } from "@frugal/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { detectCgroups, openCgroups } from "./detection.ts";

/** A tree like the kernel's, with the files that the kernel would make. */
describe("V2Cgroups", () => {
  let root: string;
  const file = (...path: readonly string[]): string => readFileSync(join(root, ...path), "utf8");
  const write = (text: string, ...path: readonly string[]): void => writeFileSync(join(root, ...path), text);
  const open = () => openCgroups({ kind: "v2", root }, "frugal-7");

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "frugal-cgroup2-"));
    write("cpuset cpu io memory pids", "cgroup.controllers");
    write("cpu memory\n", "cgroup.subtree_control");
  });

  afterEach(() => rmSync(root, { recursive: true }));

  it("switches on the controllers that are missing, in the root and in its own group", () => {
    open();
    expect(file("cgroup.subtree_control")).toBe("+pids +cpuset");
    expect(file("frugal-7", "cgroup.subtree_control")).toBe("+memory +cpu +pids +cpuset");
  });

  it("pins a unit to processors and lets it loose, and is the group that the kernel counts events by", () => {
    const cgroups = open();
    expect(cgroups?.limitations).toEqual([]);
    mkdirSync(join(root, "frugal-7/unit"), { recursive: true });
    write("", "frugal-7/unit/cpu.stat");
    const limits = { memory: mebibytes(128), cores: cores(2), processes: 65 };
    const cgroup = cgroups?.create("unit", limits);
    expect(file("frugal-7/unit/cpuset.cpus")).toBe("\n");
    expect(cgroup?.perfFolder).toBe(join(root, "frugal-7/unit"));
    write("2,4-5\n", "frugal-7/unit/cpuset.cpus.effective");
    cgroup?.limit({ ...limits, cpus: [2, 4, 5] });
    expect(file("frugal-7/unit/cpuset.cpus")).toBe("2,4,5");
    // As the kernel answers where the groups above have none of them.
    write("0-3\n", "frugal-7/unit/cpuset.cpus.effective");
    expect(() => cgroup?.limit({ ...limits, cpus: [7] })).toThrow(/processors 7: the groups above .* 0-3/);
    expect(() => cgroup?.limit({ ...limits, cpus: [] })).toThrow(FrugalError);
    cgroup?.limit(limits);
    expect(file("frugal-7/unit/cpuset.cpus")).toBe("\n");
  });

  it("says where it cannot pin, and leaves the controller alone", () => {
    write("cpu io memory pids", "cgroup.controllers");
    const cgroups = open();
    expect(cgroups?.limitations).toEqual([expect.stringContaining("cpuset")]);
    expect(cgroups?.canPin).toBe(false);
    expect(file("frugal-7", "cgroup.subtree_control")).toBe("+memory +cpu +pids");
    mkdirSync(join(root, "frugal-7/unit"), { recursive: true });
    write("", "frugal-7/unit/cpu.stat");
    cgroups?.create("unit", { memory: mebibytes(128), cores: cores(1), processes: 65, cpus: [0] });
    expect(existsSync(join(root, "frugal-7/unit/cpuset.cpus"))).toBe(false);
  });

  it("limits memory without swap, processor time and processes, and lifts the processor limit to end", () => {
    mkdirSync(join(root, "frugal-7/unit"), { recursive: true });
    write("max", "frugal-7/unit/memory.swap.max");
    write("usage_usec 0\n", "frugal-7/unit/cpu.stat");
    const cgroup = open()?.create("unit", { memory: mebibytes(128), cores: cores(0.25), processes: 65 });
    const folder = join(root, "frugal-7/unit");
    expect(cgroup?.membership).toEqual({ kind: "v2", folders: [folder] });
    expect(file("frugal-7/unit/memory.max")).toBe("134217728");
    expect(file("frugal-7/unit/memory.swap.max")).toBe("0");
    expect(file("frugal-7/unit/cpu.max")).toBe("25000 100000");
    expect(file("frugal-7/unit/pids.max")).toBe("65");
    cgroup?.limit({ memory: mebibytes(256), cores: cores(2), processes: 9 });
    expect(file("frugal-7/unit/memory.max")).toBe("268435456");
    expect(file("frugal-7/unit/cpu.max")).toBe("200000 100000");
    expect(file("frugal-7/unit/pids.max")).toBe("9");
    cgroup?.expedite();
    expect(file("frugal-7/unit/cpu.max")).toBe("max 100000");
  });

  it("reads CPU time, which it keeps after removal, and out-of-memory kills", async () => {
    mkdirSync(join(root, "frugal-7/unit"), { recursive: true });
    write("usage_usec 1500000\nuser_usec 1000000\nsystem_usec 500000\n", "frugal-7/unit/cpu.stat");
    const cgroup = open()?.create("unit", { memory: mebibytes(128), cores: cores(1), processes: 65 });
    expect(cgroup?.cpuTime()).toBe(1.5);
    expect(cgroup?.outOfMemoryKills()).toBe(0);
    write("low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n", "frugal-7/unit/memory.events");
    expect(cgroup?.outOfMemoryKills()).toBe(2);
    // Only the kernel's folders vanish with their files.
    await expect(cgroup?.remove()).rejects.toThrow("ENOTEMPTY");
    write("usage_usec 9\n", "frugal-7/unit/cpu.stat");
    expect(cgroup?.cpuTime()).toBe(1.5);
  });
});

describe("detectCgroups()", () => {
  it("prefers a cgroup2 with the controllers needed, and takes version 1 in a hybrid layout", () => {
    const folder = mkdtempSync(join(tmpdir(), "frugal-cgroups-"));
    const unified = { folder, type: "cgroup2", options: ["rw"] } as const;
    const memory = { folder: "/cg/memory", type: "cgroup", options: ["rw", "memory"] } as const;
    const both = { folder: "/cg/cpu,cpuacct", type: "cgroup", options: ["rw", "cpu", "cpuacct"] } as const;

    writeFileSync(join(folder, "cgroup.controllers"), "\n");
    expect(detectCgroups([unified, memory, both])).toEqual({
      kind: "v1",
      hierarchies: new Map([
        ["memory", memory.folder],
        ["cpu", both.folder],
        ["cpuacct", both.folder],
        ["perf_event", unified.folder],
      ]),
    });
    const events = { folder: "/cg/perf_event", type: "cgroup", options: ["rw", "perf_event"] } as const;
    expect(detectCgroups([unified, memory, events])).toEqual({
      kind: "v1",
      hierarchies: new Map([
        ["memory", memory.folder],
        ["perf_event", events.folder],
      ]),
    });
    expect(detectCgroups([unified])).toMatchObject({
      kind: "none",
      reason: expect.stringContaining("memory") as unknown,
    });
    expect(detectCgroups([])).toEqual({ kind: "none", reason: "no cgroup file system is mounted" });

    writeFileSync(join(folder, "cgroup.controllers"), "cpuset cpu io memory pids\n");
    expect(detectCgroups([memory, unified])).toEqual({ kind: "v2", root: folder });
    rmSync(folder, { recursive: true });
  });
});
