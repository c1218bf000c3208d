/**
 * A peer: another way to answer the same requests, as a process that prints its address when it listens.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { FrugalError } from "@frugal/core";

export interface PeerProcess {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startPeer(script: string, ...args: readonly string[]): Promise<PeerProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, script), ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    // A group of its own, so that what the peer starts (workerd) ends with it.
    detached: true,
  });
  const onExit = (): void => {
    killGroup(child);
  };
  process.once("exit", onExit);
  const url = await firstLine(child);
  if (url === undefined) {
    throw new FrugalError(
      "host-unsupported",
      `The peer ${script} ended before it listened; see its output above`,
    );
  }
  return {
    url,
    stop: async () => {
      process.removeListener("exit", onExit);
      const exited = once(child, "exit");
      killGroup(child);
      await exited;
    },
  };
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It is gone.
  }
}

async function firstLine(child: ChildProcess): Promise<string | undefined> {
  if (child.stdout === null) return undefined;
  for await (const line of createInterface({ input: child.stdout })) return line;
  return undefined;
}

/** Installs the peers into their own folder, the first time. */
export function installPeers(note: (line: string) => void): void {
  if (existsSync(join(import.meta.dirname, "node_modules"))) return;
  note("installing the peers into bench/peers (once, 190 MB)");
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: import.meta.dirname,
    stdio: ["ignore", 2, 2],
  });
  if (status !== 0) {
    throw new FrugalError(
      "host-unsupported",
      "The peers could not be installed\nSee npm's message above; the network or the disk may be to blame",
    );
  }
}
