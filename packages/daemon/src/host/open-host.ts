/**
 * The parts of the platform that depend on what this host offers.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { MachineCapacity } from "@frugal/control";
import { bytes, cores, machineName } from "@frugal/core";
import {
  countableEvents,
  CpuUsage,
  hostFacts,
  loadReferenceServers,
  type MachineEnergy,
  openMachineEnergy,
  PerfPort,
  runningHost,
} from "@frugal/machine";
import { openSandbox, type Sandbox } from "@frugal/sandbox";
import type { DaemonConfig } from "../config.ts";
import type { NodeState } from "../platform/pace/node-state.ts";
import type { Platform } from "../platform/platform.ts";
import { WorkMeter } from "../platform/pace/work-meter.ts";
import { systemClock } from "../platform/system-clock.ts";
import type { Closers } from "./closers.ts";
import { type ClockPlace, type HostClocks, openClockDesk } from "./open-clock-desk.ts";
import { NodeCounters } from "./node-counters.ts";
import { PaceModels } from "./pace-models.ts";

export interface Host {
  readonly sandbox: Sandbox;
  readonly energy: MachineEnergy;
  readonly clocks: HostClocks;
  readonly meter: WorkMeter;
  readonly counters: NodeCounters;
  /** Undefined where nobody chooses clocks. */
  readonly models: PaceModels | undefined;
  readonly limitations: readonly string[];
}

const LOCAL = machineName("local");

/** Opens the parts; what is to be closed with them, `closers` are told. */
export async function openHost(config: DaemonConfig, place: ClockPlace, closers: Closers): Promise<Host> {
  const complain = (line: string): void => void process.stderr.write(`${line}\n`);
  // First, so that what a crash has left of the clocks is put back whatever else is wrong with the host.
  const clocks = openClockDesk(config, place, systemClock, complain);
  closers.add(() => clocks.close());
  const meter = openMeter(clocks);
  const models = openModels(config, clocks, meter, complain);
  closers.add(() => models?.close());
  const { sizeBytes, reserve, hotBytes } = config.snapshots;
  const sandbox = await openSandbox({
    clock: systemClock,
    reserve,
    snapshots: {
      folder: join(config.dataDirectory, "snapshots"),
      size: bytes(sizeBytes),
      hot: bytes(hotBytes),
    },
    complain,
  });
  closers.add(() => sandbox.close());
  const energy = openMachineEnergy({ ...runningHost(), clock: systemClock, servers: loadReferenceServers() });
  const counters = new NodeCounters(systemClock, runningHost());
  closers.add(() => counters.close());
  const python = sandbox.runtimeProblem("python3");
  const limitations = [
    ...sandbox.limitations,
    ...(python === undefined ? [] : [`Functions in Python cannot run here: ${python}`]),
    ...(sandbox.snapshotProblem === undefined
      ? []
      : [`Functions cannot be snapshotted here, so all start by booting: ${sandbox.snapshotProblem}`]),
    ...clocks.limitations,
  ];
  return { sandbox, energy, clocks, meter, counters, models, limitations };
}

/** A file for each set of counters: where clocks are only chosen, what was learnt by the processor's counters stays. */
const openModels = (
  { pace, dataDirectory }: DaemonConfig,
  clocks: HostClocks,
  { set }: WorkMeter,
  complain: (line: string) => void,
): PaceModels | undefined =>
  clocks.desk === undefined
    ? undefined
    : new PaceModels({
        calibrated: pace.model,
        set,
        path: join(dataDirectory, `pace-model-${set.name}.json`),
        clocks,
        clock: systemClock,
        complain,
      });

/** The processor's counters are asked for where clocks are really set: elsewhere nothing could be learnt from them. */
const openMeter = ({ mode }: HostClocks): WorkMeter =>
  mode === "on" ? new WorkMeter(new PerfPort(systemClock), countableEvents()) : new WorkMeter(undefined, []);

export const hostView = ({ sandbox, energy }: Host, limitations: readonly string[]): object => ({
  isolation: sandbox.isolation,
  limitations,
  meter: energy.choice.meter.description,
  facts: hostFacts(),
});

export function nodeState({ clocks, counters }: Host, { pace }: DaemonConfig, platform: Platform): NodeState {
  const usage = new CpuUsage(runningHost().procRoot);
  const busy = usage.machineBusy();
  usage.close();
  return {
    machine: LOCAL,
    policy: pace.policy,
    mode: clocks.mode,
    desk: clocks.desk,
    energy: platform.statistics().energy.total,
    counters: counters.read(),
    cpuBusySeconds: busy.kind === "busy" ? busy.time : undefined,
  };
}

export const machineOf = ({ capacity }: DaemonConfig, { sandbox, clocks }: Host): MachineCapacity => ({
  name: LOCAL,
  cores: cores(capacity.cores),
  memory: bytes(capacity.memoryBytes),
  instances: capacity.instances,
  starts: availableParallelism(),
  snapshots: sandbox.snapshots !== undefined,
  ...(clocks.desk === undefined ? {} : { clocks: clocks.desk.port.clocks }),
  isDryRun: clocks.mode !== "on",
  pinning: clocks.mode === "on" && sandbox.canPin,
});
