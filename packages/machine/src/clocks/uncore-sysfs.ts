/**
 * Uncore clocks through the driver intel_uncore_frequency: the clock is set by a minimum and maximum that are equal.
 *
 * A folder `package_XX_die_YY` stands for a die. Newer processors have several fabric clusters in a package, with a folder
 * `uncoreNN` each; they are set together but one by one, because the package's folder would not give each its own limits back.
 *
 * The limits in force when the clocks are opened are somebody's wish: no step lies outside of them.
 * Source: Linux, Documentation/admin-guide/pm/intel_uncore_frequency_scaling.rst.
 */
import { join } from "node:path";
import { type ClockReading, type Hertz, largest, smallest } from "@frugal/core";
import { groupedBy } from "../host/grouped-by.ts";
import { namesIn, pseudoTextOf } from "../host/pseudo-file.ts";
import type { Topology } from "../host/topology.ts";
import { limitChanges } from "./clock-change.ts";
import { clockIn, kilohertzText, parseKilohertz, stepsBetween } from "./clock-steps.ts";
import { type ControlAccess, type ControlPoint, fileAt } from "./control-point.ts";
import { type ClockSearch, type HardwareClock, unavailable } from "./hardware-clock.ts";

interface Cluster {
  readonly folder: string;
  readonly socket: number;
  /** Undefined for all dies of the socket. */
  readonly die: number | undefined;
  readonly lowest: Hertz;
  readonly highest: Hertz;
}

export function findUncoreInSysfs(sysRoot: string, topology: Topology, access: ControlAccess): ClockSearch {
  const folder = join(sysRoot, "devices/system/cpu/intel_uncore_frequency");
  const names = namesIn(folder);
  if (names.length === 0) return unavailable(`${folder} is not there (driver intel_uncore_frequency)`);
  const isFine = names.some((name) => /^uncore\d+$/.test(name));
  const clusters = names.flatMap(
    (name) => (isFine ? fabricCluster(folder, name) : packageDie(folder, name)) ?? [],
  );
  const domains = groupedBy(clusters, ({ socket, die }) => `${socket}/${die ?? "all"}`);
  const clocks = [...domains.values()].flatMap(
    (group, id) => uncoreClock({ id, group, topology, access }) ?? [],
  );
  if (clocks.length === 0 || clocks.length < domains.size) {
    return unavailable(`the limits in ${folder} leave no clock to set`);
  }
  return {
    kind: "found",
    driver: "intel_uncore_frequency",
    means: names
      .filter((name) => clusters.some((cluster) => cluster.folder === join(folder, name)))
      .join(", "),
    clocks,
  };
}

function packageDie(folder: string, name: string): Cluster | undefined {
  const [, socket, die] = /^package_(\d+)_die_(\d+)$/.exec(name) ?? [];
  if (socket === undefined || die === undefined) return undefined;
  return withLimits({ folder: join(folder, name), socket: Number(socket), die: Number(die) });
}

/** Clusters of input and output alone do not pace functions. */
function fabricCluster(folder: string, name: string): Cluster | undefined {
  if (!/^uncore\d+$/.test(name)) return undefined;
  const agents = pseudoTextOf(join(folder, name, "agent_types"));
  if (agents !== undefined && !/core|cache|memory/.test(agents)) return undefined;
  const socket = Number(pseudoTextOf(join(folder, name, "package_id")));
  return withLimits({ folder: join(folder, name), socket, die: undefined });
}

function withLimits(place: Pick<Cluster, "folder" | "socket" | "die">): Cluster | undefined {
  const lowest = clockIn(join(place.folder, "min_freq_khz"));
  const highest = clockIn(join(place.folder, "max_freq_khz"));
  return lowest === undefined || highest === undefined ? undefined : { ...place, lowest, highest };
}

interface UncoreParts {
  readonly id: number;
  readonly group: readonly Cluster[];
  readonly topology: Topology;
  readonly access: ControlAccess;
}

/** One clock for clusters that are set together: within the limits of all. */
function uncoreClock({ id, group, topology, access }: UncoreParts): HardwareClock | undefined {
  const [first, ...others] = group;
  if (first === undefined) return undefined;
  const lowest = largest(first.lowest, ...others.map((cluster) => cluster.lowest));
  const highest = smallest(first.highest, ...others.map((cluster) => cluster.highest));
  if (lowest > highest) return undefined;
  const limits = group.map(({ folder }) => ({
    minimum: fileAt(join(folder, "min_freq_khz")),
    maximum: fileAt(join(folder, "max_freq_khz")),
  }));
  const isHere = (socket: number, die: number): boolean =>
    socket === first.socket && (first.die === undefined || die === first.die);
  return {
    domain: {
      id,
      cpus: topology.processors.filter(({ socket, die }) => isHere(socket, die)).map(({ cpu }) => cpu),
      socket: first.socket,
      steps: stepsBetween(lowest, highest),
    },
    points: limits.flatMap(({ minimum, maximum }): readonly ControlPoint[] => [minimum, maximum]),
    changesFor: (clock) => limits.flatMap((pair) => limitChanges(pair, kilohertzText(clock), access)),
    read: () => readUncoreClock(first.folder, access),
  };
}

/** Kernels before 5.18 show the limits only; where these are equal, the clock is no secret. */
function readUncoreClock(folder: string, access: ControlAccess): ClockReading {
  const clock = (file: string): Hertz | undefined => {
    const read = access.read(fileAt(join(folder, file)));
    return read.kind === "text" ? parseKilohertz(read.text) : undefined;
  };
  const current = clock("current_freq_khz");
  if (current !== undefined) return { kind: "clock", hertz: current };
  const [lowest, highest] = [clock("min_freq_khz"), clock("max_freq_khz")];
  if (lowest !== undefined && lowest === highest) return { kind: "clock", hertz: lowest };
  return unavailable(`${folder} tells the limits of the uncore clock only`);
}
