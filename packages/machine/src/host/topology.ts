/**
 * How the host's hardware threads are arranged: threads on cores, cores on sockets, sockets and memory in NUMA nodes.
 *
 * The kernel's tree tells; where it has no such files (some virtual machines and containers), /proc/cpuinfo does.
 */
import { join } from "node:path";
import type { Architecture } from "@frugal/core";
import type { HostRoots } from "./host-roots.ts";
import { processorBlocks, readProcessor } from "./processor.ts";
import { namesIn, pseudoTextOf } from "./pseudo-file.ts";

/** A hardware thread that is online. */
export interface LogicalProcessor {
  /** The kernel's number. */
  readonly cpu: number;
  /** The physical core: the lowest number of its threads. Threads of one core (SMT siblings) share it. */
  readonly core: number;
  readonly socket: number;
  readonly die: number;
  /** The NUMA node. */
  readonly node: number;
}

export interface Topology {
  /** Undefined where it is neither x86-64 nor ARM64. */
  readonly architecture: Architecture | undefined;
  /** The kernel's names of what the instruction set is extended by: `avx2`, `asimddp`. */
  readonly features: readonly string[];
  /** Ascending. */
  readonly processors: readonly LogicalProcessor[];
}

export function readTopology({ sysRoot, procRoot }: Pick<HostRoots, "sysRoot" | "procRoot">): Topology {
  const blocks = processorBlocks(procRoot);
  const folder = join(sysRoot, "devices/system/cpu");
  const online = pseudoTextOf(join(folder, "online"));
  const cpus =
    online === undefined ? blocks.map((block) => Number(block.get("processor"))) : cpuListOf(online);
  const nodes = numaNodes(sysRoot);
  const coreNames = new Map<string, number>();
  const processors = cpus.map((cpu): LogicalProcessor => {
    const about = (file: string): string | undefined =>
      pseudoTextOf(join(folder, `cpu${cpu}/topology`, file));
    const block = blocks.find((each) => Number(each.get("processor")) === cpu);
    const socket = wholeNumber(about("physical_package_id") ?? block?.get("physical id"));
    const siblings = about("core_cpus_list") ?? about("thread_siblings_list");
    const coreName = `${socket}/${block?.get("core id") ?? `thread ${cpu}`}`;
    const first = coreNames.get(coreName) ?? cpu;
    coreNames.set(coreName, first);
    return {
      cpu,
      core: siblings === undefined ? first : (cpuListOf(siblings)[0] ?? cpu),
      socket,
      die: wholeNumber(about("die_id")),
      node: nodes.get(cpu) ?? 0,
    };
  });
  const [first] = blocks;
  return {
    architecture: readProcessor(procRoot, sysRoot)?.architecture,
    features: (first?.get("flags") ?? first?.get("Features") ?? "").split(" ").filter((name) => name !== ""),
    processors,
  };
}

/** Numbers of a kernel's list like `0-3,8 10-11`, ascending; empty where it is no list. */
export function cpuListOf(text: string): readonly number[] {
  const numbers = text.split(/[\s,]+/).flatMap((part) => {
    const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
    if (from === undefined) return [];
    return Array.from({ length: Number(to) - Number(from) + 1 }, (_, i) => Number(from) + i);
  });
  return [...new Set(numbers)].sort((a, b) => a - b);
}

/** The node of each processor, as far as the kernel shows nodes. */
function numaNodes(sysRoot: string): ReadonlyMap<number, number> {
  const folder = join(sysRoot, "devices/system/node");
  const nodes = new Map<number, number>();
  for (const name of namesIn(folder).filter((entry) => /^node\d+$/.test(entry))) {
    for (const cpu of cpuListOf(pseudoTextOf(join(folder, name, "cpulist")) ?? "")) {
      nodes.set(cpu, Number(name.slice("node".length)));
    }
  }
  return nodes;
}

/** The kernel says -1 where firmware does not tell; then there is only one. */
function wholeNumber(text: string | undefined): number {
  const number = Number(text);
  return Number.isInteger(number) && number > 0 ? number : 0;
}
