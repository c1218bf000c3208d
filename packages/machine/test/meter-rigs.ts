/**
 * Each real adapter on a recorded host that the test keeps running.
 */
import { energyOf, joules, type Seconds, watts } from "@frugal/core";
import type { EnergyMeter, MeterProbe } from "../src/energy/energy-meter.ts";
import { probeHwmon } from "../src/energy/hwmon/hwmon-meter.ts";
import { probeModel } from "../src/energy/model/utilisation-model-meter.ts";
import { probeRapl } from "../src/energy/rapl/rapl-meter.ts";
import { loadReferenceServers } from "../src/energy/reference-servers/load.ts";
import { readProcessor } from "../src/host/processor.ts";
import type { MeterRig } from "./energy-meter.contract.ts";
import { FakeClock } from "./fake-clock.ts";
import { HostTree } from "./host-tree.ts";

export function found(probe: MeterProbe): EnergyMeter {
  if (probe.kind === "unavailable") throw new Error(probe.reason);
  return probe.meter;
}

/** Counters in microjoules: each file counts at 20 W to 220 W. */
function counterRig(
  tree: HostTree,
  files: readonly string[],
  probe: (clock: FakeClock) => MeterProbe,
): MeterRig {
  const clock = new FakeClock();
  const [firstFile = ""] = files;
  return {
    meter: found(probe(clock)),
    clock,
    draw(time: Seconds, level: number) {
      clock.advance(time);
      const microjoules = Math.round((20 + 200 * level) * time * 1e6);
      for (const file of files) tree.count(file, microjoules, wrapsAt(tree, file));
      return joules((microjoules * files.length) / 1e6);
    },
    breakSource: breaker(tree, firstFile),
    repairSource: repairer(tree, firstFile),
    dispose: () => tree.dispose(),
  };
}

const wrapsAt = (tree: HostTree, file: string): bigint | undefined =>
  file.endsWith("energy_uj")
    ? BigInt(tree.read(file.replace("energy_uj", "max_energy_range_uj")))
    : undefined;

/** A driver that gives no data shows an empty file; the number it had is kept beside it. */
const breaker = (tree: HostTree, file: string) => (): void => {
  tree.write(`${file}.kept`, tree.read(file));
  tree.write(file, "");
};
const repairer = (tree: HostTree, file: string) => (): void => tree.write(file, tree.read(`${file}.kept`));

const zone = (name: string): string => `sys/class/powercap/${name}/energy_uj`;

export const raplRig = (): MeterRig => {
  const tree = new HostTree("xeon-2-sockets-dram");
  const zones = ["intel-rapl:0", "intel-rapl:0:0", "intel-rapl:1", "intel-rapl:1:0"].map(zone);
  return counterRig(tree, zones, (clock) => probeRapl(tree.sysRoot, clock));
};

export const raplPackageRig = (): MeterRig => {
  const tree = new HostTree("amd-package-only");
  return counterRig(tree, [zone("intel-rapl:0")], (clock) => probeRapl(tree.sysRoot, clock));
};

export const hwmonEnergyRig = (): MeterRig => {
  const tree = new HostTree("amd-energy-hwmon");
  const sockets = [5, 6].map((channel) => `sys/class/hwmon/hwmon2/energy${channel}_input`);
  return counterRig(tree, sockets, (clock) => probeHwmon(tree.sysRoot, clock));
};

interface PowerRigOptions {
  readonly scenario: string;
  readonly files: readonly string[];
  /** Whether the sensor gives the average of the time behind it. */
  readonly averages: boolean;
}

/** Power sensors in microwatts, which jump to a new value at the end of each interval. */
function powerRig({ scenario, files, averages }: PowerRigOptions): MeterRig {
  const tree = new HostTree(scenario);
  const clock = new FakeClock();
  const [firstFile = ""] = files;
  const power = (): number => files.reduce((sum, file) => sum + Number(tree.read(file)) / 1e6, 0);
  return {
    meter: found(probeHwmon(tree.sysRoot, clock)),
    clock,
    draw(time: Seconds, level: number) {
      clock.advance(time);
      const before = power();
      for (const file of files) tree.write(file, String(Math.round((20 + 200 * level) * 1e6)));
      return energyOf(watts(averages ? power() : (before + power()) / 2), time);
    },
    breakSource: breaker(tree, firstFile),
    repairSource: repairer(tree, firstFile),
    dispose: () => tree.dispose(),
  };
}

export const hwmonPowerRig = (): MeterRig =>
  powerRig({
    scenario: "ampere-altra-hwmon",
    files: [1, 2].flatMap((device) => [1, 2].map((n) => `sys/class/hwmon/hwmon${device}/power${n}_input`)),
    averages: false,
  });

export const hwmonAverageRig = (): MeterRig =>
  powerRig({
    scenario: "acpi-power-meter",
    files: ["sys/class/hwmon/hwmon0/power1_average"],
    averages: true,
  });

export const modelRig = (): MeterRig => {
  const tree = new HostTree("vm-nothing");
  const clock = new FakeClock();
  const processor = readProcessor(tree.procRoot, tree.sysRoot);
  const meter = found(
    probeModel({ procRoot: tree.procRoot, clock, processor, servers: loadReferenceServers() }),
  );
  const threads = processor?.threads ?? 0;
  return {
    meter,
    clock,
    draw(time: Seconds, level: number) {
      clock.advance(time);
      const ticks = Math.floor(level * threads * time * 100);
      tree.work(ticks);
      const { idle = 0, perBusyThread = 0 } = meter.powerModel ?? {};
      return joules(idle * time + (perBusyThread * ticks) / 100);
    },
    breakSource: breaker(tree, "proc/stat"),
    repairSource: repairer(tree, "proc/stat"),
    dispose: () => tree.dispose(),
  };
};
