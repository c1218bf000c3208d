import { cores, functionName, machineName, mebibytes, seconds } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { demand, shellWith } from "../../test/shell-with.ts";
import type { VirtualShell } from "../../test/virtual-shell.ts";

const snapshotted = demand("a", { snapshot: "prefetch" });
const unmeasured = { latency: undefined, cpu: undefined, memory: undefined };
const nothing = { time: 1, offers: [] };
const templates = (shell: VirtualShell): number[] =>
  shell.starts.filter(({ cause }) => cause === "template").map(({ at }) => at);

describe("Templates", () => {
  it("makes one after the first success, and no more once its snapshot is there", () => {
    const shell = shellWith({ machine: { snapshots: true }, functions: [snapshotted] });
    shell.run(5);
    for (const at of [5, 6, 20]) shell.arriveAt(at, functionName("a"));
    shell.run(100);
    expect(templates(shell)).toEqual([expect.closeTo(5.31)]);
    expect(shell.starts.at(-1)).toMatchObject({ cause: "demand", start: "eager" });
  });

  it("makes none where the function or the machine has no snapshots, nor of one that only fails", () => {
    const off = shellWith({ machine: { snapshots: true }, functions: [demand("a")] });
    const unable = shellWith({ functions: [snapshotted] });
    const crashing = shellWith({
      machine: { snapshots: true },
      functions: [snapshotted],
      behaviour: { failures: 1 },
    });
    for (const shell of [off, unable, crashing]) {
      shell.arriveAt(0, functionName("a"));
      shell.run(100);
      expect(templates(shell)).toEqual([]);
    }
  });

  it("makes one on each machine, and for a provisioned function before its first invocation", () => {
    const shell = shellWith({
      machine: { snapshots: true },
      others: [{ name: machineName("two"), snapshots: true }],
      functions: [{ ...snapshotted, provisioned: 1 }],
    });
    shell.run(10);
    expect(templates(shell)).toEqual([expect.closeTo(0.1), expect.closeTo(1.2)]);
  });

  it("gives up after three failures, each twice as long after the other, until the next revision (T3)", () => {
    const shell = shellWith({
      machine: { snapshots: true },
      functions: [snapshotted],
      behaviour: { template: () => nothing },
    });
    shell.arriveAt(0, functionName("a"));
    shell.run(1000);
    const [first = 0, ...others] = templates(shell);
    expect(others).toEqual([expect.closeTo(first + 11), expect.closeTo(first + 32)]);
    shell.deploy({ ...snapshotted, revision: 2 });
    shell.arriveAt(1001, functionName("a"));
    shell.run(1003);
    expect(templates(shell)).toHaveLength(4);
  });

  it("makes way at once for cores, a start slot or memory, and tries again later (T2)", () => {
    for (const tight of [{ cores: cores(1) }, { starts: 1 }, { memory: mebibytes(256) }]) {
      const shell = shellWith({
        control: { keepAlive: "provisioned", maxWaiting: 100 },
        machine: { snapshots: true, ...tight },
        functions: [snapshotted, demand("b", { memory: mebibytes(200) })],
        behaviour: {
          template: () => ({ time: 10, offers: [{ kind: "prefetch", ...unmeasured }] }),
        },
      });
      shell.arriveAt(0, functionName("a"));
      shell.arriveAt(1, functionName("b"));
      shell.run(60);
      const wait = tight.memory === undefined ? 0 : 0.01;
      expect([...shell.invocations.values()][1]?.dispatched).toBeCloseTo(1.2 + wait);
      expect(shell.stops.filter(({ reason }) => reason === "evicted")).toEqual([
        { at: 1, reason: "evicted" },
      ]);
      const [, second = 0] = templates(shell);
      expect(templates(shell)).toHaveLength(2);
      expect(second).toBeGreaterThanOrEqual(2);
    }
  });

  it("makes way for the dispatch to an idle instance", () => {
    const shell = shellWith({
      machine: { snapshots: true, cores: cores(1) },
      functions: [snapshotted],
      behaviour: { template: () => ({ ...nothing, time: 10 }) },
    });
    for (const at of [0, 1]) shell.arriveAt(at, functionName("a"));
    shell.run(2);
    expect([...shell.invocations.values()][1]).toMatchObject({ dispatched: 1, cold: false });
  });

  it("makes way for a provisioned minimum", () => {
    const shell = shellWith({
      machine: { snapshots: true, memory: mebibytes(256) },
      functions: [snapshotted],
      behaviour: { template: () => ({ ...nothing, time: 100 }) },
    });
    shell.arriveAt(0, functionName("a"));
    shell.doAt(1, () => {
      shell.deploy(demand("kept", { provisioned: 1, memory: mebibytes(256) }));
    });
    shell.run(5);
    expect(shell.control.occupancy(functionName("kept"))).toMatchObject({ idle: 1 });
  });

  it("does not count as an instance of its function", () => {
    const shell = shellWith({
      machine: { snapshots: true },
      functions: [{ ...snapshotted, maxInstances: 1, queueTimeout: seconds(2) }],
      behaviour: { template: () => ({ ...nothing, time: 100 }) },
    });
    shell.arriveAt(0, functionName("a"));
    for (const at of [20, 20.1]) shell.arriveAt(at, functionName("a"));
    shell.run(21);
    expect(shell.control.occupancy(functionName("a"))).toMatchObject({ starting: 0, idle: 1 });
    expect([...shell.invocations.values()].every(({ outcome }) => outcome === "finished")).toBe(true);
    expect(templates(shell)).toHaveLength(1);
  });

  it("is stopped when its function is removed or replaced", () => {
    const shell = shellWith({
      machine: { snapshots: true },
      functions: [snapshotted, demand("b", { snapshot: "eager" })],
      behaviour: { template: () => ({ ...nothing, time: 5 }) },
    });
    shell.arriveAt(0, functionName("a"));
    shell.doAt(1, () => {
      shell.deploy({ ...snapshotted, revision: 2 });
    });
    shell.arriveAt(2, functionName("b"));
    shell.doAt(3, () => {
      shell.send({ kind: "function-removed", function: functionName("b") });
    });
    shell.run(30);
    const reasons = shell.stops.map(({ reason }) => reason);
    expect(reasons).toEqual(["superseded", "superseded", "removed", "removed"]);
    expect(shell.control.occupancy(functionName("b"))).toBeUndefined();
    expect(shell.live).toBe(0);
  });
});
