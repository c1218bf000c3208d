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
export interface NativePrograms {
  isBuilt(): boolean;
  /** Rejects with what the compiler said. */
  build(): Promise<unknown>;
}

/** criu, which dumps and restores functions. */
export interface Criu {
  /** Starts no process. */
  isInstalled(): boolean;
  /** What is installed then, in a few words; also looks whether what is there works. Rejects with what was in the way. */
  install(): Promise<string>;
}

export interface SetupParts {
  readonly host: SetupHost;
  readonly packages: readonly SystemPackage[];
  readonly nativePrograms: NativePrograms;
  readonly criu: Criu;
  /** Told before something takes long. */
  readonly announce: (line: string) => void;
  /** Seconds since 1970, for not trying again too soon what just failed. */
  readonly wall: number;
}

export async function runSetup(parts: SetupParts): Promise<readonly SetupItem[]> {
  const installed = await installPackages(parts.host, parts.packages, parts.announce);
  const items = [...installed, await installCriu(parts), await buildInit(parts)];
  remember(parts, items);
  return items;
}

/**
 * The quick form that other commands call first: silent and without a process where all is there, and where what is
 * missing could not be had a short while ago.
 */
export async function ensureSetup(parts: SetupParts): Promise<readonly SetupItem[]> {
  const missing = missingNames(parts);
  if (missing.length === 0 || triedLately(parts, missing)) return [];
  return (await runSetup(parts)).filter(({ state }) => state !== "present");
}

async function installCriu({ criu, announce }: SetupParts): Promise<SetupItem> {
  const name = "criu";
  const wasInstalled = criu.isInstalled();
  if (!wasInstalled) announce("installing criu");
  try {
    const detail = await criu.install();
    return wasInstalled
      ? { name, state: "present", detail }
      : { name, state: "done", detail: `installed ${detail}` };
  } catch (error) {
    const detail = "could not be installed; without it functions start by booting, not from snapshots";
    return { name, state: stateAfter(error), detail, log: messageOf(error).split("\n") };
  }
}

async function buildInit({ host, nativePrograms, announce }: SetupParts): Promise<SetupItem> {
  const name = "native programs";
  if (nativePrograms.isBuilt()) return { name, state: "present", detail: "already built" };
  const hasCompiler = ["cc", "gcc", "clang"].some((compiler) => host.find(compiler) !== undefined);
  if (!hasCompiler) {
    return { name, state: "skipped", detail: "no C compiler; without it functions run unisolated" };
  }
  announce("building the native programs");
  try {
    await nativePrograms.build();
    return { name, state: "done", detail: "built" };
  } catch (error) {
    const log = messageOf(error).split("\n");
    return { name, state: stateAfter(error), detail: "could not be built", log };
  }
}

/** What a host does not allow is optional, like a compiler that works; anything else is a fault. */
const stateAfter = (error: unknown): "skipped" | "failed" =>
  error instanceof FrugalError && error.group === "environment" ? "skipped" : "failed";

const RETRY_AFTER_SECONDS = 24 * 3600;
const attemptSchema = z.object({ wall: z.number(), missing: z.array(z.string()) });

const attemptFile = (host: SetupHost): string => join(host.stateFolder, "setup-attempt.json");

/** Only root can use criu: commands of other users do not wait for it. */
function missingNames({ host, packages, nativePrograms, criu }: SetupParts): readonly string[] {
  return [
    ...packages.filter((one) => !isPresent(host, one)).map(({ name }) => name),
    ...(host.isRoot && !criu.isInstalled() ? ["criu"] : []),
    ...(nativePrograms.isBuilt() ? [] : ["native programs"]),
  ];
}

/** Whether the same things were missing after a full run less than a day ago. */
function triedLately({ host, wall }: SetupParts, missing: readonly string[]): boolean {
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
