/**
 * Which cgroup version can limit units on this host, from the mount table.
 */
import { readFileSync } from "node:fs";
import { CgroupFolder } from "./cgroup-folder.ts";
import type { Cgroups } from "./cgroups.ts";
import { V1Cgroups, type V1Controller, type V1Hierarchies } from "./v1-cgroups.ts";
import { V2Cgroups } from "./v2-cgroups.ts";

export type CgroupSupport =
  | { readonly kind: "v1"; readonly hierarchies: V1Hierarchies }
  | { readonly kind: "v2"; readonly root: string }
  | { readonly kind: "none"; readonly reason: string };

const needed = ["memory", "cpu", "pids"];
const v1Controllers: readonly V1Controller[] = ["memory", "cpu", "cpuacct", "pids", "cpuset", "perf_event"];

/** A line of `/proc/self/mountinfo`, as far as cgroups need it. */
export interface CgroupMount {
  readonly folder: string;
  readonly type: "cgroup" | "cgroup2";
  readonly options: readonly string[];
}

export function cgroupMounts(
  mountinfo = readFileSync("/proc/self/mountinfo", "utf8"),
): readonly CgroupMount[] {
  return mountinfo.split("\n").flatMap((line) => {
    const [left = "", right = ""] = line.split(" - ");
    const folder = left.split(" ")[4];
    const [type, , options] = right.split(" ");
    if (folder === undefined || (type !== "cgroup" && type !== "cgroup2")) return [];
    return [{ folder: unescaped(folder), type, options: (options ?? "").split(",") }];
  });
}

export function detectCgroups(mounts = cgroupMounts()): CgroupSupport {
  const unified = mounts.find((mount) => mount.type === "cgroup2" && isUseful(mount.folder));
  if (unified !== undefined) return { kind: "v2", root: unified.folder };

  const hierarchies = new Map<V1Controller, string>();
  for (const controller of v1Controllers) {
    const mount = mounts.find(({ type, options }) => type === "cgroup" && options.includes(controller));
    if (mount !== undefined) hierarchies.set(controller, mount.folder);
  }
  // Of version 2 without being switched on, unless version 1 has it.
  const beside = mounts.find(({ type }) => type === "cgroup2");
  if (beside !== undefined && !hierarchies.has("perf_event")) hierarchies.set("perf_event", beside.folder);
  if (hierarchies.has("memory")) return { kind: "v1", hierarchies };
  return {
    kind: "none",
    reason:
      mounts.length === 0
        ? "no cgroup file system is mounted"
        : "no mounted cgroup file system has the controller memory",
  };
}

/** Groups named `name`, which are made at once; undefined where the host has none. */
export function openCgroups(support: CgroupSupport, name: string): Cgroups | undefined {
  switch (support.kind) {
    case "v1":
      return new V1Cgroups(support.hierarchies, name);
    case "v2":
      return new V2Cgroups(support.root, name);
    case "none":
      return undefined;
  }
}

/** Removes the groups `name` of a dead owner; its processes are gone, as they die with it. */
export async function removeCgroups(support: CgroupSupport, name: string): Promise<void> {
  const roots =
    support.kind === "v2" ? [support.root] : support.kind === "v1" ? [...support.hierarchies.values()] : [];
  for (const root of new Set(roots)) {
    const parent = new CgroupFolder(root).child(name);
    for (const unit of parent.children()) await unit.remove();
    await parent.remove();
  }
}

/** A hybrid layout mounts a cgroup2 without controllers: they are all in version 1. */
function isUseful(folder: string): boolean {
  const controllers = (new CgroupFolder(folder).read("cgroup.controllers") ?? "").trim().split(" ");
  return needed.every((controller) => controllers.includes(controller));
}

/** The mount table writes blanks and the like as three octal digits. */
const unescaped = (path: string): string =>
  path.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
