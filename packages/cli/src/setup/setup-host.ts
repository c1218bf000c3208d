/**
 * The host as setup sees it: which programs and files are there, and running a program with its output in a log file.
 */
import { spawn } from "node:child_process";
import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { checkoutFolder } from "../checkout.ts";
import { isRoot } from "../data-directory.ts";

export interface SetupHost {
  readonly isRoot: boolean;
  /** Where what setup remembers and logs is kept. */
  readonly stateFolder: string;
  /** The path of a program, or undefined. */
  find(program: string): string | undefined;
  hasFile(path: string): boolean;
  /** Runs `program` without input, its output appended to the log; the exit code, or 127 where it cannot run. */
  run(program: string, given: readonly string[]): Promise<number>;
  /** The last lines of the log. */
  logTail(lines: number): readonly string[];
  readonly logFile: string;
}

interface SetupHostOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly isRoot: boolean;
  readonly stateFolder: string;
  /** Folders of programs beside PATH: where root's programs are on Debian, also when PATH of a user lacks them. */
  readonly moreFolders: readonly string[];
  /** Put before the paths of `hasFile`. */
  readonly fileRoot: string;
}

/** The host that this process runs on. */
export const thisHost = (environment: Readonly<Record<string, string | undefined>>): SetupHost =>
  setupHost({
    environment,
    isRoot: isRoot(),
    stateFolder: join(checkoutFolder, ".frugal"),
    moreFolders: ["/usr/sbin", "/sbin", "/usr/bin", "/bin"],
    fileRoot: "",
  });

/**
 * A host of given parts.
 * @internal The tests make hosts of their own.
 */
export function setupHost(options: SetupHostOptions): SetupHost {
  const { environment, stateFolder } = options;
  const path = (environment["PATH"] ?? "").split(":").filter((folder) => folder !== "");
  const logFile = join(stateFolder, "setup.log");
  return {
    isRoot: options.isRoot,
    stateFolder,
    logFile,
    find: (program) =>
      [...path, ...options.moreFolders].map((folder) => join(folder, program)).find(isExecutable),
    hasFile: (file) => existsSync(options.fileRoot + file),
    run: (program, given) => runLogged([program, ...given], environment, logFile),
    logTail: (lines) => tailOf(logFile, lines),
  };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function runLogged(
  [program = "", ...given]: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  logFile: string,
): Promise<number> {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, "a");
  try {
    // No input, and nobody asks: a question of a package would wait for ever.
    const env = { ...environment, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" };
    const child = spawn(program, given, { env, stdio: ["ignore", log, log] });
    return await new Promise((resolve) => {
      child.on("error", () => {
        resolve(127);
      });
      child.on("exit", (code) => {
        resolve(code ?? 1);
      });
    });
  } finally {
    closeSync(log);
  }
}

function tailOf(file: string, lines: number): readonly string[] {
  try {
    return readFileSync(file, "utf8").trimEnd().split("\n").slice(-lines);
  } catch {
    return [];
  }
}
