/**
 * What a unit sees of the host: the system's programs and libraries, a few harmless files of `/etc`, and what its spec
 * mounts; all read-only. Users, hosts and resolvers are written afresh, so that the host's are not shown.
 */
import { cpSync, lstatSync, mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PlanRecord } from "./plan.ts";
import type { ReadOnlyMount } from "../unit.ts";

/** Symbolic links on hosts with a merged /usr, folders on others. */
const systemFolders = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

/** What programs commonly look up in /etc; the rest of it stays invisible. */
const configuration =
  /^(ld\.so\.(cache|conf|conf\.d)|nsswitch\.conf|host\.conf|gai\.conf|ssl|pki|ca-certificates|ca-certificates\.conf|localtime|timezone|alternatives|mime\.types|protocols|services|os-release|debian_version|python3.*|java.*)$/;

/** The one file of /etc that differs between units: a link there leads to it. */
const HOSTS = "/run/hosts";

/** Makes the folder that units see as /etc. Once per platform: copying costs too much for each start. */
export function makeEtc(folder: string, user: number, resolvConf: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  for (const name of readdirSync("/etc").filter((candidate) => configuration.test(candidate))) {
    cpSync(join("/etc", name), join(folder, name), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => source !== "/etc/ssl/private" && source !== "/etc/pki/private",
    });
  }
  const files = {
    passwd: `root:x:0:0:root:/root:/usr/sbin/nologin\nfrugal:x:${user}:${user}:function:/tmp:/usr/sbin/nologin\n`,
    group: `root:x:0:\nfrugal:x:${user}:\n`,
    "resolv.conf": resolvConf,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o644 });
  symlinkSync(HOSTS, join(folder, "hosts"));
}

/** The part of the root that all units share; `etc` is the folder of `makeEtc`. */
export const rootRecords = (etc: string): readonly PlanRecord[] => [
  ...systemRecords,
  ["bind", etc, "/etc"],
  ["folder", "/run"],
  ["link", "/tmp", "/var/tmp"],
];

/** What one unit adds to its root. */
export const furnishingRecords = (
  hostname: string,
  mounts: readonly ReadOnlyMount[],
): readonly PlanRecord[] => [
  ["hostname", hostname],
  ["file", HOSTS, `127.0.0.1 localhost\n127.0.0.1 ${hostname}\n`],
  ...mounts.map(({ source, target }): PlanRecord => ["bind", source, target]),
];

const systemRecords: readonly PlanRecord[] = systemFolders.flatMap((path): readonly PlanRecord[] => {
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (entry === undefined) return [];
  return entry.isSymbolicLink() ? [["link", readlinkSync(path), path]] : [["bind", path, path]];
});
