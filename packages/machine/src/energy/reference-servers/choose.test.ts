import { describe, expect, it } from "vitest";
import { recordedHost } from "../../../test/host-tree.ts";
import { type Processor, readProcessor } from "../../host/processor.ts";
import { chooseReferenceServer } from "./choose.ts";
import { loadReferenceServers } from "./load.ts";

const servers = loadReferenceServers();

const unknownIntel: Processor = {
  architecture: "x86_64",
  vendor: "intel",
  modelName: "Intel(R) Xeon(R) Processor @ 2.60GHz",
  cpuId: "6/999",
  threads: 8,
  cores: 4,
  virtualised: false,
};

function choiceFor(host: Processor): string {
  const choice = chooseReferenceServer(host, servers);
  return choice.kind === "chosen" ? `${choice.server.id}, ${choice.because}` : choice.reason;
}

const recorded = (scenario: string): string => {
  const { procRoot, sysRoot } = recordedHost(scenario);
  const host = readProcessor(procRoot, sysRoot);
  return host === undefined ? "no processor" : choiceFor(host);
};

describe("chooseReferenceServer()", () => {
  it("goes by the processor's number, then its generation", () => {
    expect(recorded("xeon-2-sockets-dram")).toBe("intel-5318y, same processor");
    expect(recorded("amd-package-only")).toBe("amd-7763, same processor generation");
    expect(recorded("vm-nothing")).toBe("amd-9654, same processor generation");
    expect(recorded("vm-zero-rapl")).toBe("intel-8380, same processor generation");
    expect(recorded("ampere-altra-hwmon")).toBe("arm-m128-30, same processor generation");
  });

  it("goes by vendor and the nearest core count on unknown hardware, by vendor and age in a virtual machine", () => {
    expect(choiceFor(unknownIntel)).toBe("intel-e3-1260l-v5, same vendor");
    expect(choiceFor({ ...unknownIntel, cores: 90, threads: 180 })).toBe("intel-8380, same vendor");
    expect(choiceFor({ ...unknownIntel, virtualised: true })).toMatch(/^intel-.*, same vendor$/);
  });

  it("stays within the instruction set, and says so where nothing fits", () => {
    expect(choiceFor({ ...unknownIntel, vendor: "other" })).toMatch(/same instruction set$/);
    const arm: Processor = { ...unknownIntel, architecture: "arm64", vendor: "0xc0", cpuId: "0xc0/0xac3" };
    expect(choiceFor({ ...arm, cores: 70 })).toBe("arm-q64-30, same instruction set");
    expect(choiceFor({ ...unknownIntel, architecture: undefined })).toContain("no reference server");
  });
});

describe("loadReferenceServers()", () => {
  it("has plausible figures: idle below full, per thread as the totals say", () => {
    for (const server of servers) {
      expect(server.idleWattsPerThread).toBeLessThan(server.fullWattsPerThread);
      expect(server.fullWattsPerThread).toBeCloseTo(server.fullWatts / server.threads, 3);
      expect(server.fullWattsPerThread).toBeLessThan(20);
    }
    expect(new Set(servers.map((server) => server.id)).size).toBe(servers.length);
  });

  it("says which file is missing or broken and how to mend it", () => {
    const { procRoot } = recordedHost("vm-nothing");
    expect(() => loadReferenceServers("/nowhere.json")).toThrow(
      /\/nowhere\.json: .*\n.*frugal derive reference-servers/,
    );
    expect(() => loadReferenceServers(`${procRoot}/stat`)).toThrow(/Cannot use the reference servers/);
  });
});
