/**
 * The kernel's page cache, as a bench sets it: without the files of chosen folders, or empty.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FrugalError, messageOf } from "@frugal/core";

const source = join(import.meta.dirname, "drop.c");
const folder = join(import.meta.dirname, "../../../.frugal/bench");
const program = join(folder, "drop");
const DROP_ALL = "/proc/sys/vm/drop_caches";

/** Files after they were dropped. */
export interface Residency {
  readonly files: number;
  readonly bytes: number;
  /** Bytes that stayed in the page cache all the same. */
  readonly residentBytes: number;
}

export class PageCache {
  /** Builds the native program where it is missing or older than its source. */
  static open(): PageCache {
    if (!existsSync(program) || statSync(program).mtimeMs < statSync(source).mtimeMs) build();
    return new PageCache();
  }

  /** Puts every file in `folders` out of the page cache, also what processes map of it. */
  drop(folders: readonly string[]): Residency {
    const paths = folders.flatMap(filesOf);
    const { status, stdout, stderr } = spawnSync(program, {
      input: paths.map((path) => `${path}\0`).join(""),
      encoding: "utf8",
    });
    if (status === 0) return JSON.parse(stdout) as Residency;
    throw new FrugalError("host-unsupported", `The page cache cannot be set: ${stderr}`);
  }

  /** Empties all of the kernel's caches: pages that no process maps, directories, inodes. */
  dropAll(): void {
    try {
      execFileSync("sync");
      writeFileSync(DROP_ALL, "3\n");
    } catch (cause) {
      throw new FrugalError(
        "host-unsupported",
        `The kernel's caches cannot be emptied through ${DROP_ALL}: ${messageOf(cause)}\nRun the bench as root, or leave all-cold out: --caches warm,snapshot-cold`,
        { cause },
      );
    }
  }
}

function build(): void {
  mkdirSync(folder, { recursive: true });
  const { status, stderr } = spawnSync("cc", ["-O2", "-Wall", "-o", program, source], { encoding: "utf8" });
  if (status === 0) return;
  throw new FrugalError(
    "host-unsupported",
    `The bench's program for the page cache cannot be built\n${stderr || "There is no C compiler."}\nInstall one (Debian: apt-get install gcc libc6-dev), or measure the warm cache only: --caches warm`,
  );
}

/** None where the folder is gone: a snapshot may be replaced at any time. */
const filesOf = (path: string): readonly string[] =>
  !existsSync(path)
    ? []
    : readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
