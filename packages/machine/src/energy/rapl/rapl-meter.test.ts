import { chmodSync } from "node:fs";
import { type EnergyReading, joules, seconds } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { FakeClock } from "../../../test/fake-clock.ts";
import { type HostTree, recordedHost, temporaryHost } from "../../../test/host-tree.ts";
import { found } from "../../../test/meter-rigs.ts";
import { reasonOf } from "../../../test/reason-of.ts";
import { probeRapl } from "./rapl-meter.ts";

const packages = "sys/class/powercap/intel-rapl:0/energy_uj";
const memory = "sys/class/powercap/intel-rapl:0:0/energy_uj";
const range = 262143328850n;

/** Runs `action` without root's power to read what nobody may, where the test has it. */
function asOrdinaryUser<T>(action: () => T): T {
  const { geteuid, seteuid } = process;
  if (geteuid?.() !== 0 || seteuid === undefined) return action();
  seteuid(65534);
  try {
    return action();
  } finally {
    seteuid(0);
  }
}

describe("probeRapl()", () => {
  it("adds packages and memory, and neither their parts, nor what contains them, nor the mmio copy", () => {
    const clock = new FakeClock();
    expect(found(probeRapl(recordedHost("xeon-2-sockets-dram").sysRoot, clock)).description).toBe(
      "RAPL zones package-0, dram of package-0, package-1, dram of package-1",
    );
    expect(found(probeRapl(recordedHost("client-psys").sysRoot, clock)).description).toBe(
      "RAPL zones package-0, dram of package-0",
    );
    expect(found(probeRapl(recordedHost("amd-package-only").sysRoot, clock)).description).toBe(
      "RAPL zones package-0",
    );
  });

  it("says so where the kernel has no zone, where it only pretends one, and where all are parts or wholes", () => {
    const clock = new FakeClock();
    expect(reasonOf(probeRapl(recordedHost("vm-nothing").sysRoot, clock))).toContain(
      "has no intel-rapl zone",
    );
    expect(probeRapl(recordedHost("vm-zero-rapl").sysRoot, clock)).toMatchObject({
      reason: "The energy counter of package-0 reads 0; a hypervisor may only pretend it",
    });
    const host = temporaryHost("client-psys");
    host.remove("sys/class/powercap/intel-rapl:0");
    expect(reasonOf(probeRapl(host.sysRoot, clock))).toContain("no package zone");
  });

  it("says that root is needed where only root may read", () => {
    const host = temporaryHost("rapl-unreadable");
    chmodSync(host.root, 0o755);
    chmodSync(host.path(packages), 0o400);
    if (process.geteuid?.() !== 0) chmodSync(host.path(packages), 0);
    const probe = asOrdinaryUser(() => probeRapl(host.sysRoot, new FakeClock()));
    expect(reasonOf(probe)).toMatch(/^Cannot read .* package-0: .*permission denied; only root may read it/);
  });

  it("names the memory that it must leave out", () => {
    const host = temporaryHost("xeon-2-sockets-dram");
    host.remove(memory);
    const { description } = found(probeRapl(host.sysRoot, new FakeClock()));
    expect(description).toContain("RAPL zones package-0, package-1, dram of package-1; without memory: ");
    expect(description).toContain("dram of package-0");
  });
});

describe("RAPL meter", () => {
  const start = (): { host: HostTree; clock: FakeClock; measure: () => EnergyReading } => {
    const host = temporaryHost("amd-package-only");
    host.write("sys/class/powercap/intel-rapl:0/max_energy_range_uj", String(range));
    const clock = new FakeClock();
    const meter = found(probeRapl(host.sysRoot, clock));
    meter.measure();
    return { host, clock, measure: () => meter.measure() };
  };

  it("counts across a wrap-around (C1)", () => {
    const { host, clock, measure } = start();
    host.write(packages, String(range - 30_000_000n));
    clock.advance(seconds(1));
    measure();
    host.write(packages, "20000000");
    clock.advance(seconds(1));
    expect(measure()).toMatchObject({ kind: "energy", joules: joules(50), interval: 1 });
  });

  it("does not make up energy for a counter that was reset, and goes on from there", () => {
    const { host, clock, measure } = start();
    clock.advance(seconds(1));
    host.write(packages, "1000");
    expect(reasonOf(measure())).toContain("probably reset");
    clock.advance(seconds(1));
    host.count(packages, 100_000_000);
    expect(measure()).toMatchObject({ joules: joules(100), interval: 1 });
  });

  it("does not guess how often a counter wrapped in a long gap", () => {
    const { host, clock, measure } = start();
    clock.advance(seconds(600));
    host.count(packages, 5_000_000);
    expect(reasonOf(measure())).toContain("may have wrapped more than once");
  });

  it("does not call a counter that stands still zero joules", () => {
    const { clock, measure } = start();
    clock.advance(seconds(1));
    expect(reasonOf(measure())).toContain("stood still for 1.0 s");
  });

  it("keeps what it counts between two calls at one instant for the next amount (M2)", () => {
    const { host, clock, measure } = start();
    clock.advance(seconds(1));
    host.count(packages, 50_000_000);
    measure();
    host.count(packages, 1_000_000);
    expect(measure()).toMatchObject({ joules: 0, interval: 0 });
    clock.advance(seconds(1));
    host.count(packages, 49_000_000);
    expect(measure()).toMatchObject({ joules: joules(50), interval: 1 });
  });

  it("bridges a failed reading, because the counter went on", () => {
    const { host, clock, measure } = start();
    const before = host.read(packages);
    host.write(packages, "?");
    clock.advance(seconds(1));
    expect(reasonOf(measure())).toContain('has "?"');
    host.write(packages, before);
    host.count(packages, 80_000_000);
    clock.advance(seconds(1));
    expect(measure()).toMatchObject({ joules: joules(80), interval: 2 });
  });
});
