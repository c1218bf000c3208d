/**
 * Setup: installs what is optional, builds what is native, and says of each thing what became of it. Idempotent.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FrugalError, messageOf } from "@frugal/core";
import { z } from "zod";
import { installPackages, isPresent, type SetupItem } from "./install-packages.ts";
import type { SystemPackage } from "./packages.ts";
import type { SetupHost } from "./setup-host.ts";

/** The program that makes isolation units, compiled on this host. */
export interface NativeInit {
  isBuilt(): boolean;
  /** Rejects with what the compiler said. */
  build(): Promise<unknown>;
}

export interface SetupParts {
  readonly host: SetupHost;
  readonly packages: readonly SystemPackage[];
  readonly nativeInit: NativeInit;
  /** Told before something takes long. */
  readonly announce: (line: string) => void;
  /** Seconds since 1970, for not trying again too soon what just failed. */
  readonly wall: number;
}

export async function runSetup(parts: SetupParts): Promise<readonly SetupItem[]> {
  const installed = await installPackages(parts.host, parts.packages, parts.announce);
  const items = [...installed, await buildInit(parts)];
  remember(parts, items);
  return items;
}

/**
 * The quick form that other commands call first: silent and without a process where all is there, and where what is
 * missing could not be had a short while ago.
 */
export async function ensureSetup(parts: SetupParts): Promise<readonly SetupItem[]> {
  const { host, packages, nativeInit } = parts;
  if (nativeInit.isBuilt() && packages.every((one) => isPresent(host, one))) return [];
  if (triedLately(parts)) return [];
  return (await runSetup(parts)).filter(({ state }) => state !== "present");
}

async function buildInit({ host, nativeInit, announce }: SetupParts): Promise<SetupItem> {
  const name = "native init";
  if (nativeInit.isBuilt()) return { name, state: "present", detail: "already built" };
  const hasCompiler = ["cc", "gcc", "clang"].some((compiler) => host.find(compiler) !== undefined);
  if (!hasCompiler) {
    return { name, state: "skipped", detail: "no C compiler; without it functions run unisolated" };
  }
  announce("building the native init");
  try {
    await nativeInit.build();
    return { name, state: "done", detail: "built" };
  } catch (error) {
    const log = messageOf(error).split("\n");
    // Without a compiler that works it is as optional as the compiler; a source that does not compile is a fault.
    const isOptional = error instanceof FrugalError && error.group === "environment";
    return { name, state: isOptional ? "skipped" : "failed", detail: "could not be built", log };
  }
}

const RETRY_AFTER_SECONDS = 24 * 3600;
const attemptSchema = z.object({ wall: z.number(), missing: z.array(z.string()) });

const attemptFile = (host: SetupHost): string => join(host.stateFolder, "setup-attempt.json");

/** Whether the same things were missing after a full run less than a day ago. */
function triedLately({ host, packages, nativeInit, wall }: SetupParts): boolean {
  const missing = packages.filter((one) => !isPresent(host, one)).map(({ name }) => name);
  if (!nativeInit.isBuilt()) missing.push("native init");
  try {
    const attempt = attemptSchema.parse(JSON.parse(readFileSync(attemptFile(host), "utf8")));
    const age = wall - attempt.wall;
    return age >= 0 && age < RETRY_AFTER_SECONDS && missing.every((name) => attempt.missing.includes(name));
  } catch {
    return false;
  }
}

function remember({ host, wall }: SetupParts, items: readonly SetupItem[]): void {
  const missing = items
    .filter(({ state }) => state === "skipped" || state === "failed")
    .map(({ name }) => name);
  try {
    if (missing.length === 0) return rmSync(attemptFile(host), { force: true });
    mkdirSync(host.stateFolder, { recursive: true });
    writeFileSync(attemptFile(host), `${JSON.stringify({ wall, missing })}\n`);
  } catch {
    // A checkout that cannot be written is looked at again the next time.
  }
}
