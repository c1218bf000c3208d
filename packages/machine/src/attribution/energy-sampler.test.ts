import { functionName, joules, seconds } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { FakeClock } from "../../test/fake-clock.ts";
import { temporaryHost } from "../../test/host-tree.ts";
import { loadReferenceServers } from "../energy/reference-servers/load.ts";
import { selectMeter } from "../energy/select-meter.ts";
import { CpuUsage } from "../host/cpu-usage.ts";
import { EnergyLedger } from "./energy-ledger.ts";
import { EnergySampler } from "./energy-sampler.ts";

const resize = functionName("resize");

describe("EnergySampler", () => {
  it("attributes a virtual machine's modelled energy to functions, platform and others", () => {
    const tree = temporaryHost("vm-nothing");
    const clock = new FakeClock();
    const { meter } = selectMeter({
      sysRoot: tree.sysRoot,
      procRoot: tree.procRoot,
      clock,
      servers: loadReferenceServers(),
    });
    const ledger = new EnergyLedger({ threads: 2, powerModel: meter.powerModel });
    let platform = seconds(7);
    const usage = new CpuUsage(tree.procRoot);
    const sampler = new EnergySampler({ meter, usage, ledger, clock, platformCpu: () => platform });

    clock.advance(seconds(1));
    tree.work(100);
    platform = seconds(7.25);
    sampler.sample(new Map([[resize, seconds(0.5)]]));

    const { idle = 0, perBusyThread = 0 } = meter.powerModel ?? {};
    const totals = ledger.totals();
    expect(totals.static).toBeCloseTo(idle, 9);
    expect(totals.functions).toBeCloseTo(0.75 * perBusyThread, 9);
    expect(totals.otherProcesses).toBeCloseTo(0.25 * perBusyThread, 9);
    expect(totals.total).toMatchObject({ quality: "estimated", interval: 1 });
    expect(totals.total.kind === "energy" ? totals.total.joules : joules(0)).toBeCloseTo(
      idle + perBusyThread,
      9,
    );
    sampler.close();
  });

  it("reports the time of failed readings as missing", () => {
    const tree = temporaryHost("vm-nothing");
    const clock = new FakeClock();
    const { meter } = selectMeter({
      sysRoot: tree.sysRoot,
      procRoot: tree.procRoot,
      clock,
      servers: loadReferenceServers(),
    });
    const ledger = new EnergyLedger({ threads: 2, powerModel: meter.powerModel });
    const sampler = new EnergySampler({ meter, usage: new CpuUsage(tree.procRoot), ledger, clock });
    tree.write("proc/stat", "");
    clock.advance(seconds(2));
    sampler.sample(new Map());
    expect(ledger.totals()).toMatchObject({ missing: 2, total: { kind: "unavailable" } });
    sampler.close();
  });
});
