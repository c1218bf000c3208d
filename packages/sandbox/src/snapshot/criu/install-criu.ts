/**
 * Installs criu: the distribution's where it is new enough, else Debian's newest stable one into a private folder,
 * `<folder>/<version>/root`, which touches neither the host's C library nor its packages.
 *
 * Invariants (cited by the tests):
 *   I1  a private version is there as a whole and was seen to run, or not at all: it appears by one rename
 *   I2  what an install that was killed leaves behind is removed by the next one
 *   I3  what works already is not installed again
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { FrugalError, messageOf } from "@frugal/core";
import { type CriuHost, thisHost } from "./criu-host.ts";
import { type CriuInstallation, privateCriu } from "./criu-installation.ts";
import { candidateIn, isUsableVersion } from "./criu-version.ts";
import { unpackDebianPackage } from "./debian-packages.ts";
import { installedCrius, versionOf } from "./find-criu.ts";
import { rememberCriu } from "./is-criu-installed.ts";

const UNFINISHED = ".unfinished-";
/** What criu itself never reads: 12 of 28 MB. */
const needless = ["etc", "usr/bin", "usr/libexec", "usr/share"];
const needlessOfLibraries = ["gconv", "audit"];

/** The installed one, new or there before. `host-unsupported` where it cannot be had. */
export async function installCriu(host: CriuHost = thisHost): Promise<CriuInstallation> {
  const [present] = await installedCrius(host);
  if (present === undefined) await installOfDistribution(host);
  const criu = present ?? (await installedCrius(host))[0] ?? (await installPrivately(host));
  rememberCriu(host, criu);
  return criu;
}

/** Where that is refused, the private one is still to be had. */
async function installOfDistribution(host: CriuHost): Promise<void> {
  if (!host.isRoot) return;
  const policy = await host.run("apt-cache", ["policy", "criu"]);
  const candidate = policy.kind === "ran" ? candidateIn(policy.stdout) : undefined;
  if (candidate === undefined || !isUsableVersion(candidate)) return;
  const apt = ["apt-get", "-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=1"];
  const install = ["install", "--yes", "--no-install-recommends", "criu"];
  await host.run("env", ["DEBIAN_FRONTEND=noninteractive", ...apt, ...install]);
}

async function installPrivately(host: CriuHost): Promise<CriuInstallation> {
  const unfinished = join(host.folder, `${UNFINISHED}${process.pid}`);
  try {
    removeLeftovers(host.folder);
    mkdirSync(unfinished, { recursive: true });
    const root = join(unfinished, "version/root");
    await unpackDebianPackage(host, "criu", { work: join(unfinished, "apt"), root });
    removeNeedless(root);
    return await settle(host, join(unfinished, "version"));
  } catch (error) {
    throw error instanceof FrugalError
      ? error
      : new FrugalError(
          "host-unsupported",
          `criu cannot be installed in ${host.folder}: ${messageOf(error)}`,
          {
            cause: error,
          },
        );
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** Gives the unpacked folder the name of the version that it proves to be. */
async function settle(host: CriuHost, folder: string): Promise<CriuInstallation> {
  const unpacked = privateCriu(join(folder, "root"), "unknown");
  const version = unpacked === undefined ? undefined : await versionOf(host, unpacked.command);
  if (version === undefined || !isUsableVersion(version)) {
    throw new FrugalError(
      "host-unsupported",
      `The downloaded criu ${version === undefined ? "does not run on this host" : `is only ${version}`}.\n` +
        "  Functions start by booting; frugal doctor says more.",
    );
  }
  const target = join(host.folder, version);
  const inTheWay = privateCriu(join(target, "root"), version);
  // Another install may have been faster; one that does not run gives way.
  if (inTheWay !== undefined && (await versionOf(host, inTheWay.command)) === version) return inTheWay;
  rmSync(target, { recursive: true, force: true });
  renameSync(folder, target);
  const settled = privateCriu(join(target, "root"), version);
  if (settled === undefined) throw new FrugalError("internal", `criu vanished from ${target}`);
  return settled;
}

function removeNeedless(root: string): void {
  const libraries = join(root, "usr/lib");
  const inLibraries = readdirSync(libraries).flatMap((name) =>
    needlessOfLibraries.map((folder) => join(libraries, name, folder)),
  );
  for (const path of [...needless.map((folder) => join(root, folder)), ...inLibraries])
    rmSync(path, { recursive: true, force: true });
}

function removeLeftovers(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const owner = name.startsWith(UNFINISHED) ? name.slice(UNFINISHED.length) : undefined;
    if (owner === undefined || existsSync(`/proc/${owner}`)) continue;
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}
