/**
 * One platform at a time opens or closes on this host: what it sees of the others (settings, addresses, what dead ones
 * left) then stays true while it acts on it.
 *
 * The lock is held by a child process, because Node has no flock(2); it goes with that process, which ends when this one
 * does, also by SIGKILL. On a host without the program, platforms must not be opened or closed at the same moment.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Readable, Writable } from "node:stream";

/** Of util-linux. */
const FLOCK = "/usr/bin/flock";
const script = "echo locked && exec cat";

/** Runs `action` while no other process on `file` does; waits for its turn. */
export async function withHostLock<T>(action: () => Promise<T> | T, file = "/run/frugal/lock"): Promise<T> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  const holder = spawn(FLOCK, [file, "/bin/sh", "-c", script], {
    stdio: ["pipe", "pipe", "ignore"],
    env: { PATH: "/usr/bin:/bin" },
    // A terminal's interrupt must not release it.
    detached: true,
  });
  await lockedOrGone(holder);
  try {
    return await action();
  } finally {
    holder.stdin.end();
  }
}

const lockedOrGone = (holder: ChildProcessByStdio<Writable, Readable, null>): Promise<void> =>
  new Promise((resolve) => {
    holder.once("error", () => resolve());
    holder.stdin.on("error", () => undefined);
    holder.stdout.once("data", () => resolve()).once("close", () => resolve());
  });
