/**
 * Installs missing system packages with apt, where that is possible; otherwise says why it is not.
 */
import type { SystemPackage } from "./packages.ts";
import type { SetupHost } from "./setup-host.ts";

/** What became of one thing that setup takes care of. */
export interface SetupItem {
  readonly name: string;
  /** `skipped` is optional and missing, for the reason in `detail`; `failed` should have worked. */
  readonly state: "present" | "done" | "skipped" | "failed";
  readonly detail: string;
  /** Output of what went wrong. */
  readonly log?: readonly string[];
}

const INSTALL = ["install", "--yes", "--no-install-recommends"];
/** Waits for another apt that is at work, and gives up on a dead network soon. */
const PATIENCE = [
  "-o",
  "DPkg::Lock::Timeout=120",
  "-o",
  "Acquire::Retries=1",
  "-o",
  "Acquire::http::Timeout=20",
];

export const isPresent = (host: SetupHost, wanted: SystemPackage): boolean =>
  wanted.programs.every((anyOf) => anyOf.some((program) => host.find(program) !== undefined)) &&
  wanted.files.every((file) => host.hasFile(file));

/** One item for each of `wanted`; `announce` is told before something takes long. */
export async function installPackages(
  host: SetupHost,
  wanted: readonly SystemPackage[],
  announce: (line: string) => void,
): Promise<readonly SetupItem[]> {
  const missing = wanted.filter((one) => !isPresent(host, one));
  const obstacle = obstacleTo(host, missing);
  if (missing.length > 0 && obstacle === undefined) {
    announce(`installing ${missing.map(({ name }) => name).join(", ")} with apt`);
    await install(host, missing);
  }
  return wanted.map((one): SetupItem => {
    if (!missing.includes(one)) return { name: one.name, state: "present", detail: "already there" };
    if (isPresent(host, one))
      return { name: one.name, state: "done", detail: `installed ${one.packages.join(", ")}` };
    return skipped(host, one, obstacle);
  });
}

function skipped(host: SetupHost, one: SystemPackage, obstacle: string | undefined): SetupItem {
  const reason = obstacle ?? "apt could not install it, see the end of its output";
  const detail = `${reason}; without it ${one.without}`;
  return {
    name: one.name,
    state: "skipped",
    detail,
    ...(obstacle === undefined ? { log: host.logTail(8) } : {}),
  };
}

function obstacleTo(host: SetupHost, missing: readonly SystemPackage[]): string | undefined {
  const names = missing.flatMap(({ packages }) => packages).join(" ");
  if (host.find("apt-get") === undefined) return `not installed and this host has no apt (Debian's ${names})`;
  if (!host.isRoot) return `not installed and apt needs root (sudo apt-get install ${names})`;
  return undefined;
}

/** With the package lists as they are; then with fresh ones; then one by one, so that one bad package spoils no other. */
async function install(host: SetupHost, missing: readonly SystemPackage[]): Promise<void> {
  const apt = host.find("apt-get") ?? "apt-get";
  const names = missing.flatMap(({ packages }) => packages);
  if ((await host.run(apt, [...PATIENCE, ...INSTALL, ...names])) === 0) return;
  await host.run(apt, [...PATIENCE, "update"]);
  if ((await host.run(apt, [...PATIENCE, ...INSTALL, ...names])) === 0 || missing.length === 1) return;
  for (const { packages } of missing) await host.run(apt, [...PATIENCE, ...INSTALL, ...packages]);
}
