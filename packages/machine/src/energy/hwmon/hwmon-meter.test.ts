import { seconds } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { FakeClock } from "../../../test/fake-clock.ts";
import { recordedHost, temporaryHost } from "../../../test/host-tree.ts";
import { found } from "../../../test/meter-rigs.ts";
import { reasonOf } from "../../../test/reason-of.ts";
import { probeHwmon } from "./hwmon-meter.ts";

describe("probeHwmon()", () => {
  it("adds both rails of both Altra sockets, and neither the disk nor the meter of the whole machine", () => {
    expect(found(probeHwmon(recordedHost("ampere-altra-hwmon").sysRoot, new FakeClock())).description).toBe(
      "hwmon sensor apm_xgene (processor cores and the rest of the SoC): " +
        "hwmon1 CPU power, hwmon1 IO power, hwmon2 CPU power, hwmon2 IO power",
    );
  });

  it("takes the sockets of amd_energy and not the cores in them", () => {
    expect(found(probeHwmon(recordedHost("amd-energy-hwmon").sysRoot, new FakeClock())).description).toBe(
      "hwmon sensor amd_energy (processor sockets): hwmon2 Esocket0, hwmon2 Esocket1",
    );
  });

  it("says so where there is no sensor, or none that is known to cover the processors", () => {
    expect(reasonOf(probeHwmon(recordedHost("vm-nothing").sysRoot, new FakeClock()))).toContain(
      "has no sensor",
    );
    const host = temporaryHost("ampere-altra-hwmon");
    for (const device of ["hwmon1", "hwmon2", "hwmon3"]) host.remove(`sys/class/hwmon/${device}`);
    expect(reasonOf(probeHwmon(host.sysRoot, new FakeClock()))).toContain(
      "no sensor that is known to cover the processors (it has nvme)",
    );
  });

  it("takes no partial sum where one socket cannot be read", () => {
    const host = temporaryHost("ampere-altra-hwmon");
    host.write("sys/class/hwmon/hwmon2/power1_input", "");
    expect(reasonOf(probeHwmon(host.sysRoot, new FakeClock()))).toContain("hwmon2 CPU power is no number");
  });
});

describe("hwmon meter", () => {
  const power = "sys/class/hwmon/hwmon0/power1_average";

  it("does not bridge a gap between power readings", () => {
    const host = temporaryHost("acpi-power-meter");
    const clock = new FakeClock();
    const meter = found(probeHwmon(host.sysRoot, clock));
    meter.measure();
    clock.advance(seconds(60));
    expect(reasonOf(meter.measure())).toContain("for 60.0 s");
    clock.advance(seconds(1));
    expect(meter.measure()).toMatchObject({ joules: 182, interval: 1 });
  });

  it("does not take 0 W for a power, nor the time around a failed reading for measured", () => {
    const host = temporaryHost("acpi-power-meter");
    const clock = new FakeClock();
    const meter = found(probeHwmon(host.sysRoot, clock));
    meter.measure();
    host.write(power, "0");
    clock.advance(seconds(1));
    expect(meter.measure()).toMatchObject({ kind: "unavailable" });
    host.write(power, "182000000");
    clock.advance(seconds(1));
    expect(meter.measure()).toMatchObject({ joules: 0, interval: 0 });
  });

  it("calls a counter that goes backwards reset, because hwmon tells no range", () => {
    const host = temporaryHost("amd-energy-hwmon");
    const clock = new FakeClock();
    const meter = found(probeHwmon(host.sysRoot, clock));
    meter.measure();
    host.write("sys/class/hwmon/hwmon2/energy5_input", "12");
    clock.advance(seconds(1));
    expect(meter.measure()).toMatchObject({ reason: "The energy counter of hwmon2 Esocket0 was reset" });
  });
});
