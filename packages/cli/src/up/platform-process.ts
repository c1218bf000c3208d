/**
 * A platform as a process of its own, on a free port: for the demo, benches and tests.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { FrugalError } from "@frugal/core";
import { z } from "zod";
import { checkoutFolder } from "../checkout.ts";

export interface PlatformProcessOptions {
  /** Kept when the platform ends; undefined: a temporary folder that goes with it. */
  readonly dataDirectory?: string;
  /** Further flags of `frugal up`. */
  readonly flags?: readonly string[];
}

export interface PlatformProcess {
  readonly url: string;
  /** What this host cannot enforce, one sentence each. */
  readonly limitations: readonly string[];
  /** Ends it in order: running invocations finish. */
  close(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
}

/** As the launcher starts it. */
const nodeFlags = ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=4"];

const readySchema = z.object({ url: z.string(), limitations: z.array(z.string()) });
/** Longer than the daemon drains; then it is killed. */
const CLOSE_PATIENCE_MS = 45_000;

export async function startPlatformProcess(options: PlatformProcessOptions = {}): Promise<PlatformProcess> {
  const temporary =
    options.dataDirectory === undefined ? await mkdtemp(join(tmpdir(), "frugal-")) : undefined;
  const folder = options.dataDirectory ?? temporary ?? "";
  const main = join(checkoutFolder, "packages", "cli", "src", "main.ts");
  const flags = ["--port", "0", "--data", folder, "--no-auth", "--json", ...(options.flags ?? [])];
  const child = spawn(process.execPath, [...nodeFlags, main, "up", ...flags], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaints = (complaints + text).slice(-4000);
  });
  // Whoever starts one and ends in any way takes it along.
  const onExit = (): void => void child.kill("SIGKILL");
  process.once("exit", onExit);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    process.removeListener("exit", onExit);
    await stop(child, signal);
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
  };
  const line = await firstLine(child);
  const ready = line === undefined ? undefined : readySchema.safeParse(JSON.parse(line));
  if (ready?.success !== true) {
    await end("SIGKILL");
    throw new FrugalError(
      "host-unsupported",
      `The platform did not start:\n${complaints.trim()}\n${line ?? ""}`.trim(),
    );
  }
  return { ...ready.data, close: () => end("SIGTERM"), kill: () => end("SIGKILL") };
}

/** The first line of the child's output, or undefined where it ends without one. */
async function firstLine(child: ChildProcess): Promise<string | undefined> {
  if (child.stdout === null) return undefined;
  for await (const line of createInterface({ input: child.stdout })) return line;
  return undefined;
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill(signal);
  const patience = setTimeout(() => child.kill("SIGKILL"), CLOSE_PATIENCE_MS);
  await exited;
  clearTimeout(patience);
}
