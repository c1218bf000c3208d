/**
 * Cgroup version 2: one hierarchy, `frugal-<claim>/<unit>`. A unit is born in its group (CLONE_INTO_CGROUP), which costs
 * nothing.
 *
 * Controllers must be switched on in every group above. The kernel refuses that for a group, other than the machine's
 * root, that has processes itself ("no internal processes"): the root of a container is such a group. Its processes are
 * then moved into the leaf `frugal-host` below it, where limits of the container still hold for them.
 */
import { join } from "node:path";
import { FrugalError, messageOf, microseconds, type Seconds } from "@frugal/core";
import { OpenFile } from "../host/open-file.ts";
import { CgroupFolder, numberAfter } from "./cgroup-folder.ts";
import {
  type Cgroup,
  type CgroupLimits,
  type Cgroups,
  cpuList,
  cpusOf,
  limited,
  QUOTA_PERIOD_MICROSECONDS,
  quotaMicroseconds,
} from "./cgroups.ts";

const needed = ["memory", "cpu", "pids"] as const;
/** Pins units to processors; a container, or systemd, may have kept it to itself. */
const PINNING = "cpuset";

export class V2Cgroups implements Cgroups {
  readonly limitations: readonly string[];
  readonly canPin: boolean;
  readonly #parent: CgroupFolder;

  constructor(root: string, name: string) {
    const above = new CgroupFolder(root);
    this.canPin = (above.read("cgroup.controllers") ?? "").trim().split(" ").includes(PINNING);
    this.limitations = this.canPin
      ? []
      : [
          `The cgroup controller ${PINNING} is not available in ${root}: ` +
            "instances run on every processor, whatever they are pinned to.",
        ];
    const wanted = this.canPin ? [...needed, PINNING] : needed;
    switchOn(wanted, above);
    this.#parent = above.child(name);
    this.#parent.make();
    switchOn(wanted, this.#parent);
  }

  create(id: string, limits: CgroupLimits): Cgroup {
    return limited(new V2Cgroup(this.#parent.child(id), this.canPin), limits);
  }

  close(): Promise<void> {
    return this.#parent.remove();
  }
}

class V2Cgroup implements Cgroup {
  readonly membership: Cgroup["membership"];
  readonly perfFolder: string;
  readonly #folder: CgroupFolder;
  readonly #canPin: boolean;
  readonly #statistics: OpenFile;
  #cpuTime: Seconds | undefined;

  constructor(folder: CgroupFolder, canPin: boolean) {
    folder.make();
    this.#canPin = canPin;
    this.perfFolder = folder.path;
    this.membership = { kind: "v2", folders: [folder.path] };
    this.#folder = folder;
    this.#statistics = new OpenFile(join(folder.path, "cpu.stat"));
  }

  limit({ memory, cores, processes, cpus }: CgroupLimits): void {
    const folder = this.#folder;
    folder.write("memory.max", memory);
    if (folder.has("memory.swap.max")) folder.write("memory.swap.max", 0);
    folder.write("cpu.max", `${quotaMicroseconds(cores)} ${QUOTA_PERIOD_MICROSECONDS}`);
    folder.write("pids.max", processes);
    if (this.#canPin) this.#pin(cpus);
  }

  /** A group whose processors the groups above lack gets all of theirs, without a word; nobody is misled by that here. */
  #pin(cpus: readonly number[] | undefined): void {
    // Nothing is all that the groups above have; a write of no byte would not reach the kernel.
    this.#folder.write("cpuset.cpus", cpus === undefined ? "\n" : cpuList(cpus));
    if (cpus === undefined) return;
    const effective = this.#folder.read("cpuset.cpus.effective") ?? "";
    if (cpusOf(effective).some((cpu) => !cpus.includes(cpu))) {
      throw new FrugalError(
        "host-unsupported",
        `The cgroup ${this.#folder.path} cannot be pinned to the processors ${cpuList(cpus)}: ` +
          `the groups above it have only ${effective.trim()}`,
      );
    }
  }

  cpuTime(): Seconds | undefined {
    const text = this.#statistics.read();
    const used = text === undefined ? undefined : numberAfter(text, "usage_usec");
    if (used !== undefined) this.#cpuTime = microseconds(used);
    return this.#cpuTime;
  }

  outOfMemoryKills(): number {
    return this.#folder.readKey("memory.events", "oom_kill") ?? 0;
  }

  expedite(): void {
    this.#folder.write("cpu.max", `max ${QUOTA_PERIOD_MICROSECONDS}`);
  }

  remove(): Promise<void> {
    this.cpuTime();
    this.#statistics.close();
    return this.#folder.remove();
  }
}

function switchOn(wanted: readonly string[], folder: CgroupFolder): void {
  const on = (folder.read("cgroup.subtree_control") ?? "").trim().split(" ");
  const missing = wanted.filter((controller) => !on.includes(controller));
  if (missing.length === 0) return;
  const change = missing.map((controller) => `+${controller}`).join(" ");
  try {
    folder.write("cgroup.subtree_control", change);
  } catch (error) {
    if (!messageOf(error).includes("EBUSY")) throw error;
    moveProcessesToLeaf(folder);
    folder.write("cgroup.subtree_control", change);
  }
}

function moveProcessesToLeaf(folder: CgroupFolder): void {
  const leaf = folder.child("frugal-host");
  leaf.make();
  for (const pid of (folder.read("cgroup.procs") ?? "").split("\n").filter((line) => line !== "")) {
    try {
      leaf.write("cgroup.procs", pid);
    } catch (error) {
      // It may have ended meanwhile.
      if (!messageOf(error).includes("ESRCH")) {
        throw new FrugalError(
          "host-unsupported",
          `Process ${pid} cannot be moved out of the cgroup ${folder.path}, which must be empty to be divided: ${messageOf(error)}`,
          { cause: error },
        );
      }
    }
  }
}
