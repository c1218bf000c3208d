export {
  EnergyLedger,
  type EnergySample,
  type EnergyTotals,
  type LedgerOptions,
} from "./attribution/energy-ledger.ts";
export { EnergySampler, type SamplerParts } from "./attribution/energy-sampler.ts";
export { type CpuShares, type EnergySplit, splitEnergy } from "./attribution/energy-split.ts";
export { IdlePower } from "./attribution/idle-power.ts";
export { type MachineEnergy, openMachineEnergy } from "./attribution/machine-energy.ts";
export { countableEvents } from "./counters/countable-events.ts";
export { type CounterEvent, counterEvents } from "./counters/counter-event.ts";
export type {
  CounterAmount,
  CounterAmounts,
  CounterPort,
  Counters,
  CounterSnapshot,
  CounterTarget,
} from "./counters/counter-port.ts";
export { PerfPort } from "./counters/perf/perf-port.ts";
export { type CounterDelta, counterDelta, type EnergyCounter } from "./energy/energy-counter.ts";
export type { EnergyMeter, MeterProbe, MonotonicClock, PowerModel } from "./energy/energy-meter.ts";
export { probeHwmon } from "./energy/hwmon/hwmon-meter.ts";
export { type ModelOptions, powerModelOf, probeModel } from "./energy/model/utilisation-model-meter.ts";
export { probeRapl } from "./energy/rapl/rapl-meter.ts";
export { chooseReferenceServer, type ReferenceChoice } from "./energy/reference-servers/choose.ts";
export { deriveReferenceServers, referenceServersFile } from "./energy/reference-servers/derive.ts";
export { loadReferenceServers } from "./energy/reference-servers/load.ts";
export { readReferenceClocks } from "./energy/reference-servers/read-reference-clocks.ts";
export type { ReferenceServer, ReferenceServers } from "./energy/reference-servers/reference-server.ts";
export {
  type MeterChoice,
  type MeterName,
  meterNames,
  type MeterSearch,
  type RejectedMeter,
  selectMeter,
} from "./energy/select-meter.ts";
export { type BusyTime, CpuUsage, platformCpu } from "./host/cpu-usage.ts";
export { CpuLoads } from "./host/cpu-loads.ts";
export type { HostFact } from "./host/host-fact.ts";
export { hostFacts } from "./host/host-facts.ts";
export { type HostRoots, runningHost } from "./host/host-roots.ts";
export { type Processor, readProcessor } from "./host/processor.ts";
export {
  type ClockLimits,
  type ClockMode,
  clockModes,
  type ClockOptions,
  openClocks,
} from "./clocks/open-clocks.ts";
export { type LogicalProcessor, readTopology, type Topology } from "./host/topology.ts";
