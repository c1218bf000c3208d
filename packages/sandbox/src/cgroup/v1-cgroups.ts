/**
 * Cgroup version 1: one hierarchy per controller, `frugal-<claim>/<unit>` in each.
 *
 * A unit joins by moving in, and the first move after a pause waits 5 to 25 ms for the kernel's read-copy-update. Where
 * a cgroup2 file system is mounted beside (systemd's hybrid layout), its `favordynmods` option takes that wait away; see
 * `favor-moves.ts`.
 */
import { join } from "node:path";
import { type Bytes, nanoseconds, type Seconds } from "@frugal/core";
import { OpenFile } from "../host/open-file.ts";
import { CgroupFolder } from "./cgroup-folder.ts";
import {
  type Cgroup,
  type CgroupLimits,
  type Cgroups,
  cpuList,
  limited,
  QUOTA_PERIOD_MICROSECONDS,
  quotaMicroseconds,
} from "./cgroups.ts";

export type V1Controller = "memory" | "cpu" | "cpuacct" | "pids" | "cpuset" | "perf_event";
/**
 * Folder of each controller's hierarchy; two controllers may share one. That of `perf_event` may be of version 2: where it
 * has no hierarchy of its own, the kernel counts events by the groups of that version.
 */
export type V1Hierarchies = ReadonlyMap<V1Controller, string>;

const consequences: readonly (readonly [V1Controller, string])[] = [
  ["memory", "memory limits are not enforced and out-of-memory is not recognised"],
  ["cpu", "processor limits are not enforced"],
  ["cpuacct", "CPU time of instances is unknown, so energy cannot be attributed by it"],
  ["pids", "the number of processes of an instance is not limited"],
  ["cpuset", "instances run on every processor, whatever they are pinned to"],
  ["perf_event", "instructions and other events of instances are not counted"],
];

export class V1Cgroups implements Cgroups {
  readonly limitations: readonly string[];
  readonly canPin: boolean;
  readonly #parents: ReadonlyMap<V1Controller, CgroupFolder>;
  readonly #allCpus: string;

  constructor(hierarchies: V1Hierarchies, name: string) {
    this.limitations = consequences
      .filter(([controller]) => !hierarchies.has(controller))
      .map(
        ([controller, consequence]) => `The cgroup controller ${controller} is not mounted: ${consequence}.`,
      );
    this.#parents = new Map(
      [...hierarchies].map(([controller, path]) => [controller, new CgroupFolder(join(path, name))]),
    );
    for (const parent of this.#parents.values()) parent.make();
    const processors = hierarchies.get("cpuset");
    this.canPin = processors !== undefined;
    this.#allCpus = processors === undefined ? "" : this.#openProcessors(new CgroupFolder(processors));
  }

  create(id: string, limits: CgroupLimits): Cgroup {
    const folders = [...this.#parents].map(([controller, parent]) => [controller, parent.child(id)] as const);
    return limited(new V1Cgroup(new Map(folders), this.#allCpus), limits);
  }

  /** A group without processors and memory takes no process: each is made with those of all. */
  #openProcessors(root: CgroupFolder): string {
    const cpus = root.read("cpuset.cpus")?.trim() ?? "";
    const parent = this.#parents.get("cpuset");
    parent?.write("cpuset.cpus", cpus);
    parent?.write("cpuset.mems", root.read("cpuset.mems")?.trim() ?? "");
    parent?.write("cgroup.clone_children", 1);
    return cpus;
  }

  async close(): Promise<void> {
    for (const parent of this.#parents.values()) await parent.remove();
  }
}

class V1Cgroup implements Cgroup {
  readonly membership: Cgroup["membership"];
  readonly perfFolder: string | undefined;
  readonly #folders: ReadonlyMap<V1Controller, CgroupFolder>;
  readonly #allCpus: string;
  #cpus: string;
  readonly #usage: OpenFile | undefined;
  #cpuTime: Seconds | undefined;

  /** `allCpus` are those that it is made with. */
  constructor(folders: ReadonlyMap<V1Controller, CgroupFolder>, allCpus: string) {
    this.#folders = folders;
    const distinct = [...new Set([...folders.values()].map((folder) => folder.path))];
    this.membership = { kind: "v1", folders: distinct };
    this.perfFolder = folders.get("perf_event")?.path;
    for (const folder of folders.values()) folder.make();
    this.#allCpus = allCpus;
    this.#cpus = allCpus;
    const accounting = folders.get("cpuacct");
    this.#usage = accounting === undefined ? undefined : new OpenFile(join(accounting.path, "cpuacct.usage"));
  }

  limit({ memory, cores, processes, cpus }: CgroupLimits): void {
    this.#limitMemory(memory);
    const cpu = this.#folders.get("cpu");
    cpu?.write("cpu.cfs_period_us", QUOTA_PERIOD_MICROSECONDS);
    cpu?.write("cpu.cfs_quota_us", quotaMicroseconds(cores));
    this.#folders.get("pids")?.write("pids.max", processes);
    this.#pin(cpus === undefined ? this.#allCpus : cpuList(cpus));
  }

  cpuTime(): Seconds | undefined {
    const text = this.#usage?.read();
    if (text !== undefined) this.#cpuTime = nanoseconds(Number(text));
    return this.#cpuTime;
  }

  outOfMemoryKills(): number {
    return this.#folders.get("memory")?.readKey("memory.oom_control", "oom_kill") ?? 0;
  }

  expedite(): void {
    this.#folders.get("cpu")?.write("cpu.cfs_quota_us", -1);
  }

  /** Memory and swap together no more than memory alone: swapped memory would be a way around the limit. */
  #limitMemory(limit: Bytes): void {
    const memory = this.#folders.get("memory");
    if (memory === undefined) return;
    const files = ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"].filter((file) => memory.has(file));
    // The second is never below the first: which of them goes first depends on the direction.
    const present = Number(memory.read("memory.limit_in_bytes"));
    for (const file of limit > present ? files.reverse() : files) memory.write(file, limit);
  }

  #pin(cpus: string): void {
    if (cpus !== this.#cpus) this.#folders.get("cpuset")?.write("cpuset.cpus", cpus);
    this.#cpus = cpus;
  }

  async remove(): Promise<void> {
    this.cpuTime();
    this.#usage?.close();
    for (const folder of this.#folders.values()) await folder.remove();
  }
}
