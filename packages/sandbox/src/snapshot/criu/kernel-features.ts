/**
 * What criu found out about this kernel, kept in a file: without it, criu finds out anew in each restore, for 26 ms. Units
 * see the file as /run/criu.kdat, where criu looks for it.
 *
 * criu believes a file of its own format without asking where it comes from, so the name says what it holds for: this boot
 * of this kernel, and this version of criu. Any other is removed.
 */
import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { release } from "node:os";
import { join } from "node:path";
import { FrugalError } from "@frugal/core";
import { type CriuHost, thisHost } from "./criu-host.ts";
import type { CriuInstallation } from "./criu-installation.ts";
import { runInPrivateRun } from "./private-run.ts";

/** Where criu looks for the file. */
export const KERNEL_FEATURES_IN_UNIT = "/run/criu.kdat";

/** The file for `criu` on the present kernel, in `folder`; made where it is not there. Needs root. */
export async function kernelFeatures(
  criu: CriuInstallation,
  folder: string,
  host: CriuHost = thisHost,
): Promise<string> {
  const boot = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
  const name = `criu-${criu.version}-${release()}-${boot}.kdat`;
  const file = join(folder, name);
  if (await isFilled(file)) return file;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const unfinished = `${file}.${process.pid}`;
  try {
    await findOut(host, criu, unfinished);
    await rename(unfinished, file);
  } finally {
    await rm(unfinished, { force: true });
  }
  await removeOthers(folder, name);
  return file;
}

async function findOut(host: CriuHost, criu: CriuInstallation, file: string): Promise<void> {
  const result = await runInPrivateRun(host, [...criu.command, "check"], file);
  if (result.kind === "ran" && result.code === 0 && (await isFilled(file))) return;
  const said = result.kind === "missing" ? "unshare is not installed" : result.stderr.trim();
  throw new FrugalError(
    "host-unsupported",
    `criu ${criu.version} cannot find out what this kernel offers: ${said || "it wrote nothing"}.\n` +
      "  frugal doctor says what is missing",
  );
}

const isFilled = async (file: string): Promise<boolean> =>
  stat(file).then(
    ({ size }) => size > 0,
    () => false,
  );

/** Those of living platforms are under way and end in a process's id. */
async function removeOthers(folder: string, name: string): Promise<void> {
  const others = (await readdir(folder)).filter((other) => other.endsWith(".kdat") && other !== name);
  for (const other of others) await rm(join(folder, other), { force: true });
}
