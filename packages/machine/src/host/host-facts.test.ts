import { describe, expect, it } from "vitest";
import { recordedHost } from "../../test/host-tree.ts";
import type { CounterEvent } from "../counters/counter-event.ts";
import { loadReferenceServers } from "../energy/reference-servers/load.ts";
import type { HostFact } from "./host-fact.ts";
import { hostFacts } from "./host-facts.ts";

const servers = loadReferenceServers();

interface Edit {
  readonly userId?: number;
  readonly nodeVersion?: string;
  readonly searchPath?: string;
}

function factsOf(scenario: string, { userId = 0, nodeVersion = "24.1.0", searchPath = "" }: Edit = {}) {
  const roots = { ...recordedHost(scenario), devRoot: "/nowhere", searchPath, userId, nodeVersion };
  const facts = hostFacts(roots, servers);
  return (name: string): HostFact => {
    const fact = facts.find((one) => one.name === name);
    if (fact === undefined) throw new Error(`No fact called ${name}`);
    return fact;
  };
}

describe("hostFacts()", () => {
  it("finds everything on a server with RAPL, clocks and control groups", () => {
    const fact = factsOf("xeon-2-sockets-dram");
    for (const name of [
      "root",
      "namespaces",
      "control groups",
      "energy: RAPL",
      "core clocks",
      "uncore clock",
    ]) {
      expect(fact(name)).toMatchObject({ available: true });
    }
    expect(fact("processor").found).toBe(
      "Intel(R) Xeon(R) Gold 5318Y CPU @ 2.10GHz, x86_64, 48 cores, 96 threads",
    );
    expect(fact("control groups").found).toBe("version 2: cpuset cpu io memory hugetlb pids rdma misc");
    expect(fact("core clocks").found).toBe(
      "driver acpi-cpufreq, governor ondemand: 2 clocks, 0.8 to 2.1 GHz in 15 steps, set through scaling_setspeed",
    );
    expect(fact("uncore clock").found).toBe(
      "driver intel_uncore_frequency: 2 clocks, 0.8 to 2.2 GHz in 15 steps, " +
        "set through package_00_die_00, package_01_die_00",
    );
    expect(fact("hardware counters").found).toBe("cpu; perf_event_paranoid is 2");
    expect(fact("memory").found).toBe("257560 MiB, 193170 MiB available");
  });

  it("tells version 1 of control groups, and clocks with limits only", () => {
    const fact = factsOf("amd-package-only");
    expect(fact("control groups")).toMatchObject({
      available: true,
      found: "version 1: cpu cpuacct memory pids freezer",
    });
    expect(fact("core clocks").found).toContain("set through scaling_min_freq and scaling_max_freq");
    expect(fact("uncore clock").available).toBe(false);
    expect(fact("uncore clock").found).toContain("of Intel processors only");
    expect(fact("namespaces").available).toBe(false);
    expect(fact("namespaces").remedy).toMatch(/\S/);
  });

  it("tells an ARM server", () => {
    const fact = factsOf("ampere-altra-hwmon", { userId: 1000 });
    expect(fact("processor").found).toBe("ARM implementer 0x41, part 0xd0c, arm64, 160 cores, 160 threads");
    expect(fact("bare hardware").available).toBe(true);
    expect(fact("energy: hwmon sensors").available).toBe(true);
    expect(fact("hardware counters").available).toBe(false);
    expect(fact("hardware counters").remedy).toContain("perf_event_paranoid=1");
  });

  it("says on a bare virtual machine what is missing, what that costs and what can be done", () => {
    const fact = factsOf("vm-nothing", { userId: 1000, nodeVersion: "20.11.0" });
    const missing = [
      "Node",
      "bare hardware",
      "root",
      "control groups",
      "energy: RAPL",
      "energy: hwmon sensors",
      "core clocks",
      "uncore clock",
      "hardware counters",
      "python3",
      "C compiler",
      "ip",
      "nft",
    ];
    for (const name of missing) {
      expect(fact(name).available, name).toBe(false);
      expect(fact(name).found, name).toMatch(/\S/);
      expect(fact(name).without, name).toMatch(/\.$/);
    }
    expect(fact("energy: model").available).toBe(true);
    expect(fact("root").remedy).toBe("Start the platform as root: sudo frugal up");
  });

  it("finds programs in the search path only", () => {
    expect(factsOf("vm-nothing", { searchPath: "/nowhere:/bin" })("python3").found).toMatch(
      /python3$|^no python3/,
    );
    expect(factsOf("vm-nothing", { searchPath: "/nowhere" })("python3").found).toBe("no python3 in PATH");
  });

  it("believes what can be opened more than what sysfs lists", () => {
    const roots = { ...recordedHost("xeon-2-sockets-dram"), devRoot: "/nowhere", searchPath: "", userId: 0 };
    const found = (countableEvents: () => readonly CounterEvent[]): HostFact | undefined =>
      hostFacts({ ...roots, nodeVersion: "24.1.0", countableEvents }, servers).find(
        ({ name }) => name === "hardware counters",
      );
    expect(found(() => ["cycles", "taskClock"])).toMatchObject({ available: true });
    expect(found(() => ["taskClock"])).toMatchObject({
      available: false,
      found: "cpu; perf_event_paranoid is 2; can be counted: taskClock",
    });
  });

  it("works on this very host, whatever it has", () => {
    for (const { found, without } of hostFacts()) {
      expect(found).not.toBe("");
      expect(without).not.toBe("");
    }
  });
});
