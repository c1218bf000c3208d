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
  QUOTA_PERIOD_MICROSECONDS,
  quotaMicroseconds,
} from "./cgroups.ts";

const wanted = ["memory", "cpu", "pids"] as const;

export class V2Cgroups implements Cgroups {
  readonly limitations: readonly string[] = [];
  readonly #parent: CgroupFolder;

  constructor(root: string, name: string) {
    const above = new CgroupFolder(root);
    switchControllersOn(above);
    this.#parent = above.child(name);
    this.#parent.make();
    switchControllersOn(this.#parent);
  }

  create(id: string, limits: CgroupLimits): Cgroup {
    return new V2Cgroup(this.#parent.child(id), limits);
  }

  close(): Promise<void> {
    return this.#parent.remove();
  }
}

class V2Cgroup implements Cgroup {
  readonly membership: Cgroup["membership"];
  readonly #folder: CgroupFolder;
  readonly #statistics: OpenFile;
  #cpuTime: Seconds | undefined;

  constructor(folder: CgroupFolder, limits: CgroupLimits) {
    folder.make();
    this.membership = { kind: "v2", folders: [folder.path] };
    this.#folder = folder;
    this.limit(limits);
    this.#statistics = new OpenFile(join(folder.path, "cpu.stat"));
  }

  limit({ memory, cores, processes }: CgroupLimits): void {
    const folder = this.#folder;
    folder.write("memory.max", memory);
    if (folder.has("memory.swap.max")) folder.write("memory.swap.max", 0);
    folder.write("cpu.max", `${quotaMicroseconds(cores)} ${QUOTA_PERIOD_MICROSECONDS}`);
    folder.write("pids.max", processes);
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

function switchControllersOn(folder: CgroupFolder): void {
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
