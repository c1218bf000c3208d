/**
 * Core clocks through the kernel's cpufreq policies.
 *
 * A policy is a set of processors that a driver scales as one. Where the driver works with the governor `userspace`, a clock is
 * set exactly (`scaling_setspeed`); drivers with governors of their own (intel_pstate and amd-pstate in their active modes) take
 * limits only, and the clock is set by a minimum and maximum that are equal. Threads of one core have one clock and may still
 * have a policy each: such policies are one domain and are set alike.
 *
 * The limits in force when the clocks are opened are somebody's wish: no step lies outside of them.
 * Source: Linux, Documentation/admin-guide/pm/{cpufreq,intel_pstate,amd-pstate}.rst; drivers/cpufreq/cpufreq_userspace.c.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type ClockReading, type Hertz, largest, smallest } from "@frugal/core";
import { namesIn, pseudoTextOf } from "../host/pseudo-file.ts";
import { cpuListOf, type Topology } from "../host/topology.ts";
import { type ClockChange, limitChanges } from "./clock-change.ts";
import { clockIn, kilohertzText, parseKilohertz, stepsBetween, stepsWithin } from "./clock-steps.ts";
import { type ControlAccess, type ControlPoint, fileAt } from "./control-point.ts";
import { type ClockSearch, type HardwareClock, unavailable } from "./hardware-clock.ts";

interface Policy {
  readonly folder: string;
  readonly cpus: readonly number[];
  readonly driver: string;
  readonly steps: readonly Hertz[];
  /** Whether a clock is set exactly, and not by limits. */
  readonly isExact: boolean;
}

export function findCoreClocks(sysRoot: string, topology: Topology, access: ControlAccess): ClockSearch {
  const folder = join(sysRoot, "devices/system/cpu/cpufreq");
  const policies: Policy[] = [];
  for (const name of namesIn(folder).filter((entry) => /^policy\d+$/.test(entry))) {
    const policy = readPolicy(join(folder, name));
    if (policy === undefined) return unavailable(`${join(folder, name)} does not tell its range of clocks`);
    // Without a processor that is online it is asleep.
    if (policy.cpus.length > 0) policies.push(policy);
  }
  const [first] = policies;
  if (first === undefined) {
    return unavailable(
      `no cpufreq driver (${folder} has no policy), so core clocks stay as the host sets them`,
    );
  }
  return {
    kind: "found",
    driver: first.driver,
    means: first.isExact ? "scaling_setspeed" : "scaling_min_freq and scaling_max_freq",
    clocks: domainsOf(policies, topology).map((group) => coreClock(group, topology, access)),
  };
}

function readPolicy(folder: string): Policy | undefined {
  const clock = (file: string): Hertz | undefined => clockIn(join(folder, file));
  const text = (file: string): string => pseudoTextOf(join(folder, file)) ?? "";
  const [lowest, highest] = [clock("cpuinfo_min_freq"), clock("cpuinfo_max_freq")];
  if (lowest === undefined || highest === undefined) return undefined;
  const inForce = {
    lowest: largest(lowest, clock("scaling_min_freq") ?? lowest),
    highest: smallest(highest, clock("scaling_max_freq") ?? highest),
  };
  const listed = text("scaling_available_frequencies")
    .split(/\s+/)
    .flatMap((entry) => parseKilohertz(entry) ?? [])
    .sort((a, b) => a - b);
  const allowed = stepsWithin(listed, inForce);
  return {
    folder,
    cpus: cpuListOf(text("affected_cpus")),
    driver: text("scaling_driver"),
    // Without a list, or with limits between two of its steps, any clock within the limits can be asked for.
    steps: allowed.length > 0 ? allowed : stepsBetween(inForce.lowest, inForce.highest),
    isExact:
      text("scaling_available_governors").split(/\s+/).includes("userspace") &&
      existsSync(join(folder, "scaling_setspeed")),
  };
}

/** Policies of one clock. */
type Siblings = readonly [Policy, ...Policy[]];

/** Policies by clock: those that have threads of one core are together. */
function domainsOf(policies: readonly Policy[], { processors }: Topology): readonly Siblings[] {
  const coreOf = new Map(processors.map(({ cpu, core }) => [cpu, core]));
  let groups: readonly { readonly cores: ReadonlySet<number>; readonly policies: Siblings }[] = [];
  // From the last to the first, so that the first of a core stands first among its siblings.
  for (const policy of [...policies].reverse()) {
    const cores = new Set(policy.cpus.map((cpu) => coreOf.get(cpu) ?? cpu));
    const together = groups.filter((group) => [...cores].some((core) => group.cores.has(core)));
    groups = [
      {
        cores: new Set([...cores, ...together.flatMap((group) => [...group.cores])]),
        policies: [policy, ...together.flatMap((group) => group.policies)],
      },
      ...groups.filter((group) => !together.includes(group)),
    ];
  }
  return groups.map((group) => group.policies);
}

function coreClock(policies: Siblings, topology: Topology, access: ControlAccess): HardwareClock {
  const cpus = policies.flatMap((policy) => policy.cpus).sort((a, b) => a - b);
  const [id = 0] = cpus;
  const [first, ...others] = policies;
  return {
    domain: {
      id,
      cpus,
      socket: topology.processors.find(({ cpu }) => cpu === id)?.socket ?? 0,
      steps: first.steps.filter((clock) => others.every(({ steps }) => steps.includes(clock))),
    },
    points: policies.flatMap(pointsOf),
    changesFor: (clock) => policies.flatMap((policy) => changesOf(policy, clock, access)),
    read: () => readCoreClock(first.folder, access),
  };
}

const pointsOf = ({ folder, isExact }: Policy): readonly ControlPoint[] =>
  (isExact ? ["scaling_governor", "scaling_setspeed"] : ["scaling_min_freq", "scaling_max_freq"]).map(
    (file) => fileAt(join(folder, file)),
  );

function changesOf(policy: Policy, clock: Hertz, access: ControlAccess): readonly ClockChange[] {
  const [first, second] = pointsOf(policy);
  if (first === undefined || second === undefined) return [];
  const text = kilohertzText(clock);
  if (policy.isExact)
    return [
      { point: first, text: "userspace" },
      { point: second, text },
    ];
  return limitChanges({ minimum: first, maximum: second }, text, access);
}

/** What the hardware tells, else what the driver has asked of it last. */
function readCoreClock(folder: string, access: ControlAccess): ClockReading {
  for (const file of ["cpuinfo_cur_freq", "scaling_cur_freq"]) {
    const read = access.read(fileAt(join(folder, file)));
    const clock = read.kind === "text" ? parseKilohertz(read.text) : undefined;
    if (clock !== undefined) return { kind: "clock", hertz: clock };
  }
  return unavailable(`${folder} does not tell the clock that its processors run at`);
}
