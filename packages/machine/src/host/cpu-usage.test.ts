import { seconds } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { temporaryHost } from "../../test/host-tree.ts";
import { reasonOf } from "../../test/reason-of.ts";
import { CpuUsage, platformCpu } from "./cpu-usage.ts";

describe("CpuUsage", () => {
  it("counts running, kernel and interrupt time, and neither idling, nor waiting, nor stolen time", () => {
    const tree = temporaryHost("vm-nothing");
    tree.write("proc/stat", "cpu  100 20 30 4000 500 6 7 800 90 10\ncpu0 100 20 30 4000 500 6 7 800 90 10");
    const usage = new CpuUsage(tree.procRoot);
    expect(usage.machineBusy()).toEqual({ kind: "busy", time: seconds(1.63) });
    tree.work(50);
    expect(usage.machineBusy()).toEqual({ kind: "busy", time: seconds(2.13) });
    tree.write("proc/stat", "intr 5");
    expect(reasonOf(usage.machineBusy())).toContain("/proc/stat");
    usage.close();
  });

  it("says why where there is no such file", () => {
    const usage = new CpuUsage("/nowhere");
    expect(usage.machineBusy()).toEqual({
      kind: "unavailable",
      reason: "Cannot read the processors' use: /nowhere/stat: not there",
    });
  });
});

describe("platformCpu()", () => {
  it("never falls", () => {
    const before = platformCpu();
    expect(platformCpu()).toBeGreaterThanOrEqual(before);
    expect(before).toBeGreaterThan(0);
  });
});
