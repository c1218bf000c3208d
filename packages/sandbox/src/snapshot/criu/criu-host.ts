/**
 * The host as finding and installing criu see it: where a private one belongs, and running programs.
 */
import { accessSync, constants } from "node:fs";
import { join, resolve } from "node:path";
import { type CommandResult, runCommand } from "../../host/command.ts";

export interface CriuHost {
  readonly isRoot: boolean;
  /** Holds a folder for each private version. */
  readonly folder: string;
  /** The keys that Debian's package lists are signed with. */
  readonly keyring: string;
  /** Where the system's criu may be. */
  readonly programFolders: readonly string[];
  run(program: string, args: readonly string[]): Promise<CommandResult>;
}

const checkout = resolve(import.meta.dirname, "../../../../..");

export const thisHost: CriuHost = {
  isRoot: process.getuid?.() === 0,
  folder: join(checkout, ".frugal/criu"),
  keyring: "/usr/share/keyrings/debian-archive-keyring.gpg",
  // Only where units see it as well.
  programFolders: ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin"],
  run: (program, args) => runCommand(program, args),
};

/** The path of the system's criu, of whatever version. */
export const systemCriuPath = ({ programFolders }: CriuHost): string | undefined =>
  programFolders.map((folder) => join(folder, "criu")).find(isExecutable);

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
