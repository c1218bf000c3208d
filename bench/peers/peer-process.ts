/**
 * A peer: another way to answer the same requests, as a process that prints its address when it listens.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { FrugalError } from "@frugal/core";
import { installFolder } from "../install-folder.ts";

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
  installFolder(import.meta.dirname, "the peers into bench/peers (once, 190 MB)", note);
}
