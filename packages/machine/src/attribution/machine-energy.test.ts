import { type FunctionName, functionName, type Seconds, seconds } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { FakeClock } from "../../test/fake-clock.ts";
import { type HostTree, temporaryHost } from "../../test/host-tree.ts";
import { loadReferenceServers } from "../energy/reference-servers/load.ts";
import { type MachineEnergy, openMachineEnergy } from "./machine-energy.ts";

const resize = functionName("resize");
const servers = loadReferenceServers();
const open = (tree: HostTree, clock: FakeClock): MachineEnergy =>
  openMachineEnergy({ sysRoot: tree.sysRoot, procRoot: tree.procRoot, clock, servers });

describe("openMachineEnergy()", () => {
  it("measures a server with RAPL and attributes what is above its idle power", () => {
    const tree = temporaryHost("amd-package-only");
    const counter = "sys/class/powercap/intel-rapl:0/energy_uj";
    const clock = new FakeClock();
    const { choice, ledger, sampler } = open(tree, clock);
    const second = (joules: number, ticks: number, used: ReadonlyMap<FunctionName, Seconds>): void => {
      clock.advance(seconds(1));
      tree.count(counter, joules * 1e6);
      tree.work(ticks);
      sampler.sample(used);
    };
    second(60, 0, new Map());
    second(160, 2000, new Map([[resize, seconds(10)]]));

    expect(choice.meter.name).toBe("rapl");
    const totals = ledger.totals();
    expect(totals.total).toMatchObject({ joules: 220, source: "rapl", quality: "measured", interval: 2 });
    expect(totals.static).toBeCloseTo(120, 9);
    expect(totals.functions + totals.otherProcesses).toBeCloseTo(100, 9);
    expect(ledger.of(resize)).toMatchObject({ quality: "attributed" });
    sampler.close();
  });

  it("corrects the idle power of a server that was never idle", () => {
    const tree = temporaryHost("amd-package-only");
    const clock = new FakeClock();
    const { ledger, sampler } = open(tree, clock);
    clock.advance(seconds(1));
    tree.count("sys/class/powercap/intel-rapl:0/energy_uj", 200_000_000);
    tree.work(6400);
    sampler.sample(new Map());
    const { static: atRest, staticBasis } = ledger.totals();
    expect(atRest).toBeGreaterThan(0);
    expect(atRest).toBeLessThan(100);
    expect(staticBasis).toContain("200.0 W, the lowest so far, at 100 % use");
    sampler.close();
  });

  it("runs without any meter and says why there are no figures", () => {
    const tree = temporaryHost("vm-nothing");
    tree.remove("proc");
    const clock = new FakeClock();
    const { choice, ledger, sampler } = open(tree, clock);
    clock.advance(seconds(1));
    sampler.sample(new Map([[resize, seconds(1)]]));
    expect(choice.meter.name).toBe("none");
    expect(ledger.of(resize)).toMatchObject({ kind: "unavailable" });
    expect(ledger.totals()).toMatchObject({ missing: 1 });
    sampler.close();
  });
});
