/**
 * The native programs: where their binaries are, and how they are built. They are built by `frugal setup`, never when a
 * function starts.
 *
 * Their folder is named after the hash of all their sources, so a binary of other sources is never taken for one of these.
 */
import { createHash } from "node:crypto";
import { accessSync, constants, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { FrugalError } from "@frugal/core";
import { type CommandResult, runCommand } from "../host/command.ts";

/** How each is linked; the sources are all files of its folder in `native/`. */
const programs = {
  /** Makes isolation units and restores snapshots in them. */
  "frugal-init": { folder: "init", flags: ["-static"] },
  /** Serves the memory pages of restored snapshots. */
  "frugal-pager": { folder: "pager", flags: ["-static", "-pthread"] },
  /** Preloaded into criu for dumps, where the kernel does not answer it as criu expects. */
  "frugal-limits.so": { folder: "limits", flags: ["-shared", "-fPIC"] },
  /** Gives OpenSSL in a restored Node process new randomness. */
  "frugal-reseed.node": { folder: "reseed", flags: ["-shared", "-fPIC"] },
} as const;

export type NativeProgram = keyof typeof programs;

const names = Object.keys(programs) as NativeProgram[];
const packageFolder = resolve(import.meta.dirname, "../..");
const sourceFolder = join(packageFolder, "native");
const checkout = resolve(packageFolder, "../..");
const compilers = ["cc", "gcc", "clang"];
const flags = ["-std=gnu11", "-O2", "-Wall", "-Wextra"];

let folder: string | undefined;

/** Path that the binary of the present sources has, whether it is built or not. */
export const nativeProgram = (name: NativeProgram): string => join(binaryFolder(), name);

export const areNativeProgramsBuilt = (): boolean => names.every(isBuilt);

/** Builds what is not built yet; the names of those that were. Without a compiler: `host-unsupported`. */
export async function buildNativePrograms(): Promise<readonly NativeProgram[]> {
  const missing = names.filter((name) => !isBuilt(name));
  if (missing.length > 0) mkdirSync(binaryFolder(), { recursive: true });
  for (const name of missing) {
    const unfinished = `${nativeProgram(name)}.${process.pid}`;
    try {
      await compile(name, unfinished);
      renameSync(unfinished, nativeProgram(name));
    } finally {
      rmSync(unfinished, { force: true });
    }
  }
  return missing;
}

function binaryFolder(): string {
  if (folder !== undefined) return folder;
  const hash = createHash("sha256");
  for (const { folder: part } of Object.values(programs))
    for (const file of sources(part, /\.[ch]$/)) hash.update(`${file}\0`).update(readFileSync(file));
  return (folder = join(checkout, ".frugal/native", hash.digest("hex").slice(0, 16)));
}

function isBuilt(name: NativeProgram): boolean {
  try {
    accessSync(nativeProgram(name), constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

async function compile(name: NativeProgram, output: string): Promise<void> {
  const { folder: part, flags: own } = programs[name];
  const files = sources(part, /\.c$/);
  const includes = [...new Set(files.map((file) => `-I${dirname(file)}`))];
  for (const compiler of compilers) {
    const result = await runCommand(compiler, [...flags, ...own, ...includes, "-o", output, ...files]);
    if (result.kind === "missing") continue;
    if (result.code === 0) return;
    throw new FrugalError("host-unsupported", failureText(name, compiler, result), { details: { compiler } });
  }
  throw new FrugalError(
    "host-unsupported",
    `${name} cannot be built: none of ${compilers.join(", ")} is installed.\n` +
      "  Install a C compiler (Debian: apt-get install gcc libc6-dev) and run: frugal setup",
  );
}

const failureText = (
  name: NativeProgram,
  compiler: string,
  result: CommandResult & { kind: "ran" },
): string =>
  `${name} cannot be built: ${compiler} ended with code ${result.code}.\n` +
  `${result.stderr.trimEnd()}\n` +
  "  It needs the C library's headers and static archive (Debian: apt-get install libc6-dev); then run: frugal setup";

/** A program's folder may have folders of its own; headers are found by name, so names are unique in it. */
const sources = (part: string, pattern: RegExp): readonly string[] =>
  readdirSync(join(sourceFolder, part), { recursive: true, encoding: "utf8" })
    .filter((file) => pattern.test(file))
    .sort()
    .map((file) => join(sourceFolder, part, file));
