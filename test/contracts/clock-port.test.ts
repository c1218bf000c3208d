/** Every implementation of `ClockPort` keeps the one contract. */
import { type ClockGrid, type ClockReading, gigahertz } from "@frugal/core";
import { clocksOfShape, SimulatedClocks } from "@frugal/simulate";
import { type ClockHostName, clockHosts } from "../../packages/machine/test/clock-hosts.ts";
import { clockTestbed } from "../../packages/machine/test/clock-rigs.ts";
import { clockPortContract, type ClockRig } from "./clock-port.ts";

const hasUncore: Readonly<Record<ClockHostName, boolean>> = {
  "intel_pstate, active": false,
  "Intel acpi-cpufreq with intel_uncore_frequency": true,
  "intel_pstate, passive, with fabric clusters": true,
  "Intel acpi-cpufreq with the register 0x620": true,
  "AMD acpi-cpufreq, userspace before": false,
  "amd-pstate, active": false,
  "cppc_cpufreq on ARM64": false,
};

for (const name of Object.keys(clockHosts) as ClockHostName[]) {
  clockPortContract(name, { core: true, uncore: hasUncore[name] }, () => {
    const testbed = clockTestbed(name);
    return { port: testbed.open(), state: () => testbed.kernel.state() };
  });
}

const grid: ClockGrid = { core: [1.2, 1.8, 2.2].map(gigahertz), uncore: [1.2, 2, 2.9].map(gigahertz) };

function simulated(of: ClockGrid): ClockRig {
  const port = new SimulatedClocks(clocksOfShape({ sockets: 2, coresPerSocket: 3, threadsPerCore: 2 }, of));
  const readings = (): readonly ClockReading[] => [
    ...port.clocks.core.map(({ id }) => port.readCore(id)),
    ...port.clocks.uncore.map(({ id }) => port.readUncore(id)),
  ];
  return { port, state: () => JSON.stringify(readings()) };
}

clockPortContract("a simulated machine", { core: true, uncore: true }, () => simulated(grid));
clockPortContract("a simulated machine without uncore clock", { core: true, uncore: false }, () =>
  simulated({ ...grid, uncore: [] }),
);
