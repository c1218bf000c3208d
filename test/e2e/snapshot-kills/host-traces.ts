/**
 * What platforms leave on a host outside of their data: nothing, once they are closed.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Everything on this host that carries the name of one of the platforms with these pids. */
export function tracesOf(daemons: readonly number[], dataDirectory: string): readonly string[] {
  const isOurs = (name: string): boolean =>
    daemons.some((pid) => new RegExp(`(^|[^0-9])${pid}([^0-9]|$)`).test(name));
  const named = (folder: string, pattern: RegExp): readonly string[] =>
    namesIn(folder)
      .filter((name) => pattern.test(name) && isOurs(name))
      .map((name) => join(folder, name));
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.includes(dataDirectory) || /\/run\/frugal\/\d/.test(line))
    .filter((line) => line.includes(dataDirectory) || isOurs(line.slice(line.indexOf("/run/frugal/"))));
  const { stdout: tables } = spawnSync("nft", ["list", "tables"], { encoding: "utf8" });
  return [
    ...named("/run/frugal", /^\d/),
    ...named("/run/netns", /^frugal/),
    ...namesIn("/sys/fs/cgroup").flatMap((controller) =>
      named(join("/sys/fs/cgroup", controller), /^frugal-/),
    ),
    ...named("/sys/fs/cgroup", /^frugal-/),
    ...tables.split("\n").filter((line) => /frugal_\d/.test(line) && isOurs(line)),
    ...mounts,
  ];
}

/** Folders of snapshots that are neither in the catalogue nor on their way there. */
export const unfinishedSnapshots = (dataDirectory: string): readonly string[] =>
  namesIn(join(dataDirectory, "snapshots")).filter((name) => name.startsWith("."));

const namesIn = (folder: string): readonly string[] => {
  try {
    return existsSync(folder) ? readdirSync(folder) : [];
  } catch {
    return [];
  }
};
