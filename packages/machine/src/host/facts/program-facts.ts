/**
 * Programs that Frugal starts.
 */
import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";
import type { HostFact } from "../host-fact.ts";
import type { HostRoots } from "../host-roots.ts";

interface Program {
  readonly name: string;
  /** Any of these will do. */
  readonly commands: readonly string[];
  readonly without: string;
  readonly remedy: string;
}

const programs: readonly Program[] = [
  {
    name: "python3",
    commands: ["python3"],
    without: "Functions of the runtime python3 cannot be deployed.",
    remedy: "Install it: apt-get install python3",
  },
  {
    name: "C compiler",
    commands: ["cc", "gcc", "clang"],
    without: "The native parts cannot be built, so functions run as ordinary processes, not isolated.",
    remedy: "Install one: apt-get install gcc libc6-dev",
  },
  {
    name: "ip",
    commands: ["ip"],
    without: "Functions cannot have a network of their own; they get none.",
    remedy: "Install it: apt-get install iproute2",
  },
  {
    name: "nft",
    commands: ["nft"],
    without:
      "What functions reach cannot be filtered; functions that need a network are refused or get none.",
    remedy: "Install it: apt-get install nftables",
  },
];

export const programFacts = ({ searchPath }: HostRoots): readonly HostFact[] =>
  programs.map(({ name, commands, without, remedy }) => {
    const path = commands
      .map((command) => findProgram(command, searchPath))
      .find((found) => found !== undefined);
    return path === undefined
      ? { name, available: false, found: `no ${commands.join(", ")} in PATH`, without, remedy }
      : { name, available: true, found: path, without };
  });

/** The first executable file `command` in the folders of `searchPath`. */
function findProgram(command: string, searchPath: string): string | undefined {
  for (const folder of searchPath.split(":")) {
    const path = join(folder, command);
    if (folder !== "" && isExecutable(path)) return path;
  }
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
