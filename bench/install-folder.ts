/**
 * Installs the npm packages of a folder that is no workspace, the first time a bench needs them.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { FrugalError } from "@frugal/core";

/** `note` is told `what` is installed, before it takes long. */
export function installFolder(folder: string, what: string, note: (line: string) => void): void {
  if (existsSync(join(folder, "node_modules"))) return;
  note(`installing ${what}`);
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: folder,
    stdio: ["ignore", 2, 2],
  });
  if (status === 0) return;
  throw new FrugalError(
    "host-unsupported",
    `The packages of ${folder} could not be installed\nSee npm's message above; the network or the disk may be to blame`,
  );
}
