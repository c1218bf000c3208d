/**
 * Where the facts about a host are read: the kernel's trees and the few values that no file tells. Tests give recorded trees.
 */
import { countableEvents } from "../counters/countable-events.ts";
import type { CounterEvent } from "../counters/counter-event.ts";

export interface HostRoots {
  /** `/sys` */
  readonly sysRoot: string;
  /** `/proc` */
  readonly procRoot: string;
  /** `/dev` */
  readonly devRoot: string;
  /** Folders that programs are looked for in, as in the environment variable PATH. */
  readonly searchPath: string;
  readonly userId: number;
  /** Like `24.21.0`. */
  readonly nodeVersion: string;
  /** The events that can be counted of this process; undefined where nobody can try. */
  readonly countableEvents?: () => readonly CounterEvent[];
}

/** The running host. */
export const runningHost = (): HostRoots => ({
  sysRoot: "/sys",
  procRoot: "/proc",
  devRoot: "/dev",
  searchPath: process.env["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin",
  userId: process.getuid?.() ?? -1,
  nodeVersion: process.versions.node,
  countableEvents,
});
