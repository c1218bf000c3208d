/**
 * Finds the criu that snapshots are made with: the distribution's where it is new enough and works here, else the private
 * one that `frugal setup` installs. What is found can be used: this process is root, and the kernel has all that is needed.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { checkFailure } from "./check-criu.ts";
import { type CriuHost, systemCriuPath, thisHost } from "./criu-host.ts";
import { type CriuInstallation, privateCriu, systemCriu } from "./criu-installation.ts";
import { compareVersions, isUsableVersion, OLDEST_USABLE_VERSION, versionIn } from "./criu-version.ts";

export type CriuSearch =
  | { readonly kind: "found"; readonly criu: CriuInstallation }
  /** `reason` is part of a sentence and says what to do. */
  | { readonly kind: "missing"; readonly reason: string };

let found: Promise<CriuSearch> | undefined;

/** The one of this host; looked for again only after it was missing. */
export async function findCriu(): Promise<CriuSearch> {
  const search = await (found ??= searchCriu(thisHost));
  if (search.kind === "missing") found = undefined;
  return search;
}

/**
 * The same, for a host of given parts.
 * @internal The tests make hosts of their own.
 */
export async function searchCriu(host: CriuHost): Promise<CriuSearch> {
  if (process.platform !== "linux") return { kind: "missing", reason: "criu needs Linux" };
  const installed = await installedCrius(host);
  const [best] = installed;
  if (best === undefined) return { kind: "missing", reason: await absenceOf(host) };
  if (!host.isRoot) {
    return {
      kind: "missing",
      reason: `criu ${best.version} is installed, but only root can use it: sudo frugal up`,
    };
  }
  const failures: string[] = [];
  for (const criu of installed) {
    const failure = await checkFailure(host, criu);
    if (failure === undefined) return { kind: "found", criu };
    failures.push(`criu ${criu.version} cannot work here: ${failure}`);
  }
  return { kind: "missing", reason: failures.join("; ") };
}

/** Those that are new enough and can be run at all, the best first. */
export async function installedCrius(host: CriuHost): Promise<readonly CriuInstallation[]> {
  const path = systemCriuPath(host);
  const version = path === undefined ? undefined : await versionOf(host, [path]);
  const ofSystem = path === undefined || version === undefined ? [] : [systemCriu(path, version)];
  const all = [...ofSystem, ...(await workingPrivates(host))];
  return all.filter((criu) => isUsableVersion(criu.version));
}

/** Those in the host's folder, the newest first; no process is started. */
export const privateCrius = ({ folder }: CriuHost): readonly CriuInstallation[] =>
  versionFolders(folder)
    .map((version) => privateCriu(join(folder, version, "root"), version))
    .filter((criu) => criu !== undefined);

export async function versionOf(
  host: CriuHost,
  [program, ...args]: readonly [string, ...string[]],
): Promise<string | undefined> {
  const result = await host.run(program, [...args, "--version"]);
  return result.kind === "ran" && result.code === 0 ? versionIn(result.stdout) : undefined;
}

async function workingPrivates(host: CriuHost): Promise<readonly CriuInstallation[]> {
  const works = async (criu: CriuInstallation): Promise<boolean> =>
    (await versionOf(host, criu.command)) === criu.version;
  for (const criu of privateCrius(host)) if (await works(criu)) return [criu];
  return [];
}

async function absenceOf(host: CriuHost): Promise<string> {
  const path = systemCriuPath(host);
  const version = path === undefined ? undefined : await versionOf(host, [path]);
  return version === undefined
    ? "criu is not installed; run: frugal setup"
    : `the system's criu is ${version}, and ${OLDEST_USABLE_VERSION} is needed; run: frugal setup`;
}

function versionFolders(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^\d+(\.\d+)+$/.test(name))
      .sort((first, second) => compareVersions(second, first));
  } catch {
    return [];
  }
}
