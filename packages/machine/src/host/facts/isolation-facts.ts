/**
 * What separates functions from one another and from the host: root, namespaces, control groups.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { HostFact } from "../host-fact.ts";
import type { HostRoots } from "../host-roots.ts";
import { namesIn, pseudoTextOf } from "../pseudo-file.ts";

export const isolationFacts = (roots: HostRoots): readonly HostFact[] => [
  rootFact(roots),
  namespacesFact(roots),
  controlGroupsFact(roots),
];

const rootFact = ({ userId }: HostRoots): HostFact => ({
  name: "root",
  available: userId === 0,
  found: userId === 0 ? "runs as root" : `runs as user ${userId}`,
  without:
    "Functions run as ordinary processes of this user, not isolated from one another or from the host.",
  ...(userId === 0 ? {} : { remedy: "Start the platform as root: sudo frugal up" }),
});

const neededNamespaces = ["mnt", "pid", "net", "ipc", "uts"];

function namespacesFact({ procRoot }: HostRoots): HostFact {
  const found = namesIn(join(procRoot, "self/ns")).filter((name) => !name.endsWith("_for_children"));
  const missing = neededNamespaces.filter((name) => !found.includes(name));
  return {
    name: "namespaces",
    available: missing.length === 0,
    found: missing.length === 0 ? found.join(", ") : `the kernel lacks ${missing.join(", ")}`,
    without: "Functions see the host's processes, files and network.",
    ...(missing.length === 0
      ? {}
      : { remedy: "Use a kernel that is built with namespaces (CONFIG_NAMESPACES)" }),
  };
}

/** `cpu` limits core shares, `memory` memory, `pids` processes; `freezer` is part of version 2 itself. */
const neededControllers = ["cpu", "memory", "pids"];

interface ControlGroups {
  readonly version: string;
  readonly controllers: readonly string[];
}

function controlGroupsFact({ procRoot, sysRoot }: HostRoots): HostFact {
  const groups = controlGroupsOf(procRoot, sysRoot);
  const controllers = groups?.controllers ?? [];
  const missing = neededControllers.filter((name) => !controllers.includes(name));
  const lacks = missing.length === 0 ? "" : `; lacks ${missing.join(", ")}`;
  return {
    name: "control groups",
    available: groups !== undefined && missing.length === 0,
    found:
      groups === undefined
        ? "none mounted"
        : `${groups.version}: ${controllers.join(" ") || "no controller"}${lacks}`,
    without:
      "Memory, core shares and process counts of functions are not limited, and CPU time is counted less exactly.",
    ...(missing.length === 0
      ? {}
      : { remedy: "Mount cgroup2 at /sys/fs/cgroup and enable its cpu, memory and pids" }),
  };
}

function controlGroupsOf(procRoot: string, sysRoot: string): ControlGroups | undefined {
  const mounts = (pseudoTextOf(join(procRoot, "self/mounts")) ?? "")
    .split("\n")
    .map((line) => line.split(" "));
  const unified = mounts.find((fields) => fields[2] === "cgroup2");
  const legacy = mounts.filter((fields) => fields[2] === "cgroup");
  const legacyControllers = legacy.flatMap((fields) =>
    (fields[3] ?? "").split(",").filter((option) => existsSync(join(sysRoot, "fs/cgroup", option))),
  );
  const unifiedFolder = unified?.[1]?.replace(/^\/sys/, sysRoot);
  const unifiedControllers =
    unifiedFolder === undefined
      ? []
      : (pseudoTextOf(join(unifiedFolder, "cgroup.controllers")) ?? "")
          .split(/\s+/)
          .filter((name) => name !== "");
  if (legacyControllers.length > 0) {
    const version =
      unified === undefined ? "version 1" : "version 1 with a version 2 tree beside it (hybrid)";
    return { version, controllers: [...new Set([...legacyControllers, ...unifiedControllers])] };
  }
  return unified === undefined ? undefined : { version: "version 2", controllers: unifiedControllers };
}
