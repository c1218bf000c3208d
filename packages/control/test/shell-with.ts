/**
 * Small machines and functions, and a virtual shell with them: what the tests of control start from.
 */
import {
  cores,
  type FunctionDemand,
  functionName,
  machineName,
  mebibytes,
  seededRandom,
  seconds,
} from "@frugal/core";
import type { ControlOptions, MachineCapacity } from "../src/index.ts";
import { type Behaviour, VirtualShell } from "./virtual-shell.ts";

export const quick: ControlOptions = {
  keepAlive: "fixed",
  keepAliveOptions: { keepForSeconds: 10 },
  maxWaiting: 10_000,
};
const unmeasured = { latency: undefined, cpu: undefined, memory: undefined };

const steady: Behaviour = {
  startTime: () => 0.2,
  serviceTime: () => 0.01,
  failures: 0,
  template: () => ({
    time: 1,
    offers: [
      { kind: "prefetch", ...unmeasured },
      { kind: "eager", ...unmeasured },
    ],
  }),
};

export const machine = (change: Partial<MachineCapacity> = {}): MachineCapacity => ({
  name: machineName("one"),
  cores: cores(2),
  memory: mebibytes(1024),
  instances: 100,
  starts: 8,
  snapshots: false,
  ...change,
});

export const demand = (name: string, change: Partial<FunctionDemand> = {}): FunctionDemand => ({
  name: functionName(name),
  revision: 1,
  memory: mebibytes(128),
  cores: cores(1),
  concurrency: 1,
  provisioned: 0,
  maxInstances: 100,
  maxQueue: 1000,
  queueTimeout: seconds(60),
  deadline: undefined,
  snapshot: "off",
  ...change,
});

export const shellWith = (options: {
  control?: ControlOptions;
  machine?: Partial<MachineCapacity>;
  /** Machines beside the first. */
  others?: readonly Partial<MachineCapacity>[];
  behaviour?: Partial<Behaviour>;
  functions: readonly FunctionDemand[];
}): VirtualShell => {
  const behaviour = { ...steady, ...options.behaviour };
  const shell = new VirtualShell(
    options.control ?? quick,
    [machine(options.machine), ...(options.others ?? []).map(machine)],
    behaviour,
    seededRandom(1),
  );
  for (const fn of options.functions) shell.deploy(fn);
  return shell;
};
