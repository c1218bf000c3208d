/**
 * A platform as a process of its own, on a free port: for the demo, benches and tests.
 *
 * Its input is a pipe of this process: however this one ends (kill -9 too), the pipe closes, and the platform ends in
 * order and takes its temporary data along. It leads a process group of its own, so that a terminal's Ctrl-C reaches
 * only this process, which then closes it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
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
  readonly dataDirectory: string;
  /** What this host cannot enforce, one sentence each. */
  readonly limitations: readonly string[];
  /** How it ended and what it said last; undefined while it runs. */
  ending(): string | undefined;
  /** Ends it in order: running invocations finish. */
  close(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
}

/** As the launcher starts it. */
const nodeFlags = ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=4"];

const readySchema = z.object({
  url: z.string(),
  dataDirectory: z.string(),
  limitations: z.array(z.string()),
});
/** Longer than the daemon drains; then it is killed. */
const CLOSE_PATIENCE_MS = 45_000;

export async function startPlatformProcess(options: PlatformProcessOptions = {}): Promise<PlatformProcess> {
  const { dataDirectory } = options;
  const data = dataDirectory === undefined ? ["--temporary"] : ["--data", dataDirectory];
  const main = join(checkoutFolder, "packages", "cli", "src", "main.ts");
  const flags = [
    "--port",
    "0",
    ...data,
    "--no-auth",
    "--json",
    "--until-input-ends",
    ...(options.flags ?? []),
  ];
  const child = spawn(process.execPath, [...nodeFlags, main, "up", ...flags], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaints = (complaints + text).slice(-4000);
  });
  const line = await firstLine(child);
  const ready = line === undefined ? undefined : readySchema.safeParse(JSON.parse(line));
  if (ready?.success !== true) {
    await stop(child, "SIGTERM");
    throw new FrugalError(
      "host-unsupported",
      `The platform did not start:\n${complaints.trim()}\n${line ?? ""}`.trim(),
    );
  }
  const { url, limitations } = ready.data;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    await stop(child, signal);
    if (dataDirectory === undefined) await rm(ready.data.dataDirectory, { recursive: true, force: true });
  };
  const ending = (): string | undefined =>
    isRunning(child)
      ? undefined
      : [child.signalCode ?? `exit ${child.exitCode ?? 0}`, complaints.trim()].join("\n").trim();
  return {
    url,
    dataDirectory: ready.data.dataDirectory,
    limitations,
    ending,
    close: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}

/** The first line of the child's output, or undefined where it ends without one. */
async function firstLine(child: ChildProcess): Promise<string | undefined> {
  if (child.stdout === null) return undefined;
  for await (const line of createInterface({ input: child.stdout })) return line;
  return undefined;
}

const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (!isRunning(child)) return;
  const exited = once(child, "exit");
  child.kill(signal);
  const patience = setTimeout(() => child.kill("SIGKILL"), CLOSE_PATIENCE_MS);
  await exited;
  clearTimeout(patience);
}
