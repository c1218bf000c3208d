/**
 * Whether setup has nothing to do about criu, as told without starting a process: commands ask each time.
 *
 * A private one is there as a whole or not at all. Of the system's, only a run tells the version; so a mark remembers which
 * file was found to be new enough.
 */
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CriuHost, systemCriuPath, thisHost } from "./criu-host.ts";
import type { CriuInstallation } from "./criu-installation.ts";
import { privateCrius } from "./find-criu.ts";

export function isCriuInstalled(host: CriuHost = thisHost): boolean {
  if (privateCrius(host).length > 0) return true;
  const path = systemCriuPath(host);
  return path !== undefined && readMark(host) === markOf(path);
}

/** To be called with what is to be used from now on. */
export function rememberCriu(host: CriuHost, { origin, command: [path] }: CriuInstallation): void {
  if (origin === "private") return;
  try {
    mkdirSync(host.folder, { recursive: true });
    writeFileSync(markFile(host), markOf(path));
  } catch {
    // A checkout that cannot be written is looked at again the next time.
  }
}

const markFile = ({ folder }: CriuHost): string => join(folder, "system");

function markOf(path: string): string {
  const { ino, size, mtimeMs } = statSync(path);
  return `${path} ${ino} ${size} ${mtimeMs}\n`;
}

function readMark(host: CriuHost): string | undefined {
  try {
    return readFileSync(markFile(host), "utf8");
  } catch {
    return undefined;
  }
}
