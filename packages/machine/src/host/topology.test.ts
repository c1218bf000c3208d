import { describe, expect, it } from "vitest";
import { clockHost } from "../../test/clock-hosts.ts";
import { recordedHost, temporaryHost } from "../../test/host-tree.ts";
import { cpuListOf, readTopology } from "./topology.ts";

describe("readTopology()", () => {
  it("takes threads, cores, sockets and nodes from the kernel's tree", () => {
    const tree = clockHost("Intel acpi-cpufreq with intel_uncore_frequency");
    tree.write("sys/devices/system/node/node0/cpulist", "0-1,4-5");
    tree.write("sys/devices/system/node/node1/cpulist", "2-3,6-7");
    const { architecture, features, processors } = readTopology(tree);
    expect(architecture).toBe("x86_64");
    expect(features).toContain("avx2");
    expect(processors.map(({ cpu, core, socket, node }) => [cpu, core, socket, node])).toEqual([
      [0, 0, 0, 0],
      [1, 1, 0, 0],
      [2, 2, 1, 1],
      [3, 3, 1, 1],
      [4, 0, 0, 0],
      [5, 1, 0, 0],
      [6, 2, 1, 1],
      [7, 3, 1, 1],
    ]);
    tree.dispose();
  });

  it("leaves out what is offline", () => {
    const tree = temporaryHost("xeon-2-sockets-dram");
    tree.write("sys/devices/system/cpu/online", "0,2-3");
    expect(readTopology(tree).processors.map(({ cpu }) => cpu)).toEqual([0, 2, 3]);
  });

  it("takes them from /proc/cpuinfo where the tree does not tell", () => {
    const xeon = readTopology(recordedHost("xeon-2-sockets-dram")).processors;
    expect(xeon).toHaveLength(96);
    expect(new Set(xeon.map(({ core }) => core)).size).toBe(48);
    expect(new Set(xeon.map(({ socket }) => socket))).toEqual(new Set([0, 1]));
    const altra = readTopology(recordedHost("ampere-altra-hwmon"));
    expect(altra.architecture).toBe("arm64");
    expect(altra.features).toContain("asimd");
    expect(new Set(altra.processors.map(({ core }) => core)).size).toBe(160);
  });

  it("knows nothing where nothing is told", () => {
    expect(readTopology({ sysRoot: "/nowhere", procRoot: "/nowhere" })).toEqual({
      architecture: undefined,
      features: [],
      processors: [],
    });
  });
});

describe("cpuListOf()", () => {
  it("reads the kernel's lists, with commas or with spaces", () => {
    expect(cpuListOf("8,0-3,2")).toEqual([0, 1, 2, 3, 8]);
    expect(cpuListOf("0 1 5")).toEqual([0, 1, 5]);
    expect(cpuListOf("")).toEqual([]);
    expect(cpuListOf("none")).toEqual([]);
  });
});
