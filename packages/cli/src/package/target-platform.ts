/**
 * Where a package will run, in npm's names, and which packages are made for elsewhere.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { arch, execPath, platform } from "node:process";

export interface TargetPlatform {
  readonly os: string;
  readonly cpu: string;
  /** The C library of a Linux system; undefined elsewhere. */
  readonly libc: "glibc" | "musl" | undefined;
}

/** The fields of a package.json that say where it runs: names, or `!name` for all but that one. */
export interface PlatformFields {
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
}

export function hostPlatform(): TargetPlatform {
  return { os: platform, cpu: arch, libc: platform === "linux" ? hostLibc() : undefined };
}

export const runsOn = (fields: PlatformFields, target: TargetPlatform): boolean =>
  allows(fields.os, target.os) && allows(fields.cpu, target.cpu) && allows(fields.libc, target.libc);

/** The C library that Node itself is linked with: its loader is named near the start of the executable. */
function hostLibc(): "glibc" | "musl" {
  const start = Buffer.alloc(4096);
  const file = openSync(execPath, "r");
  try {
    readSync(file, start);
  } finally {
    closeSync(file);
  }
  return start.includes("/ld-musl-") ? "musl" : "glibc";
}

function allows(names: readonly string[] | undefined, name: string | undefined): boolean {
  if (names === undefined || names.length === 0 || name === undefined) return true;
  if (names.includes(`!${name}`)) return false;
  return names.includes(name) || names.includes("any") || names.every((each) => each.startsWith("!"));
}
