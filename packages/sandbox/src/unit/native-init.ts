/**
 * The native init's binary: where it is, and how it is built. It is built by `frugal setup`, never when a function starts.
 *
 * Its folder is named after the hash of its source, so a binary of other sources is never taken for it.
 */
import { createHash } from "node:crypto";
import { accessSync, constants, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { FrugalError } from "@frugal/core";
import { type CommandResult, runCommand } from "../host/command.ts";

const packageFolder = resolve(import.meta.dirname, "../..");
const sourceFolder = join(packageFolder, "native");
const checkout = resolve(packageFolder, "../..");
const compilers = ["cc", "gcc", "clang"];
const flags = ["-std=gnu11", "-O2", "-static", "-Wall", "-Wextra"];

/** Path that the binary of the present sources has, whether it is built or not. */
export function nativeInitPath(): string {
  const hash = createHash("sha256");
  for (const file of sources(/\.[ch]$/)) hash.update(`${file}\0`).update(readFileSync(file));
  return join(checkout, ".frugal/native", hash.digest("hex").slice(0, 16), "frugal-init");
}

export function isNativeInitBuilt(): boolean {
  try {
    accessSync(nativeInitPath(), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Builds the binary where it is not built yet; `built` says whether it was. Without a compiler: `host-unsupported`. */
export async function buildNativeInit(): Promise<{ readonly path: string; readonly built: boolean }> {
  const path = nativeInitPath();
  if (isNativeInitBuilt()) return { path, built: false };
  mkdirSync(resolve(path, ".."), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  try {
    await compile(unfinished);
    renameSync(unfinished, path);
  } finally {
    rmSync(unfinished, { force: true });
  }
  return { path, built: true };
}

async function compile(output: string): Promise<void> {
  for (const compiler of compilers) {
    const result = await runCommand(compiler, [...flags, "-o", output, ...sources(/\.c$/)]);
    if (result.kind === "missing") continue;
    if (result.code === 0) return;
    throw new FrugalError("host-unsupported", failureText(compiler, result), { details: { compiler } });
  }
  throw new FrugalError(
    "host-unsupported",
    `The native init cannot be built: none of ${compilers.join(", ")} is installed.\n` +
      "  Install a C compiler (Debian: apt-get install gcc libc6-dev) and run: frugal setup",
  );
}

const failureText = (compiler: string, result: CommandResult & { kind: "ran" }): string =>
  `The native init cannot be built: ${compiler} ended with code ${result.code}.\n` +
  `${result.stderr.trimEnd()}\n` +
  "  It needs the C library's headers and static archive (Debian: apt-get install libc6-dev); then run: frugal setup";

const sources = (pattern: RegExp): readonly string[] =>
  readdirSync(sourceFolder)
    .filter((file) => pattern.test(file))
    .sort()
    .map((file) => join(sourceFolder, file));
