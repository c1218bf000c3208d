import { rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FakeClock } from "../../test/fake-clock.ts";
import { recordedHost, temporaryHost } from "../../test/host-tree.ts";
import { reasonOf } from "../../test/reason-of.ts";
import { loadReferenceServers } from "./reference-servers/load.ts";
import { type MeterChoice, selectMeter } from "./select-meter.ts";

const servers = loadReferenceServers();
const select = (roots: { readonly sysRoot: string; readonly procRoot: string }): MeterChoice =>
  selectMeter({ sysRoot: roots.sysRoot, procRoot: roots.procRoot, clock: new FakeClock(), servers });

describe("selectMeter()", () => {
  it.each([
    ["xeon-2-sockets-dram", "rapl", []],
    ["ampere-altra-hwmon", "hwmon", ["rapl"]],
    ["acpi-power-meter", "hwmon", ["rapl"]],
    ["vm-zero-rapl", "model", ["rapl", "hwmon"]],
    ["vm-nothing", "model", ["rapl", "hwmon"]],
  ])("takes the best of %s: %s, and keeps why the better ones failed", (scenario, name, rejected) => {
    const choice = select(recordedHost(scenario));
    expect(choice.meter.name).toBe(name);
    expect(choice.rejected.map((meter) => meter.name)).toEqual(rejected);
    for (const { reason } of choice.rejected) expect(reason).not.toBe("");
    choice.meter.close();
  });

  it("names the reference server, its source and licence where it must model", () => {
    const { meter } = select(recordedHost("vm-nothing"));
    expect(meter.description).toMatch(/AMD EPYC 9654.*same processor generation.*spec\.org.*Apache-2\.0/);
    meter.close();
  });

  it("has a meter whose every reading is unavailable, with all reasons, where nothing is to be had", () => {
    const tree = temporaryHost("vm-nothing");
    rmSync(tree.procRoot, { recursive: true });
    const choice = select(tree);
    expect(choice.meter.name).toBe("none");
    expect(reasonOf(choice.meter.measure())).toMatch(/rapl: .*hwmon: .*model: .*cpuinfo/);
  });

  it("falls back to the model where RAPL is there but gives nothing", () => {
    const tree = temporaryHost("rapl-unreadable");
    tree.write("sys/class/powercap/intel-rapl:0/energy_uj", "");
    const choice = select(tree);
    expect(choice.meter.name).toBe("model");
    expect(choice.rejected[0]?.name).toBe("rapl");
    expect(choice.rejected[0]?.reason).toContain("package-0");
    choice.meter.close();
  });
});
