/**
 * Isolation unit: where one function instance lives. A port with two adapters, `isolated` (namespaces, cgroups, seccomp,
 * made by the native init; needs root) and `plain` (an ordinary child process, clearly called unisolated).
 *
 * A unit runs one command and knows nothing of runtimes or invocations. It dies as a whole: when the command ends, when
 * `kill` is called, or when the platform's process dies, no process of it survives.
 */
import type { Server } from "node:net";
import type { Duplex, Readable } from "node:stream";
import type { Bytes, Cores, NetworkPolicy, Seconds } from "@frugal/core";

/** A host file or folder that the unit sees, read-only, at `target`. */
export interface ReadOnlyMount {
  readonly source: string;
  readonly target: string;
}

export interface UnitLimits {
  readonly memory: Bytes;
  readonly cores: Cores;
  readonly processes: number;
  readonly openFiles: number;
  /** Size of the private `/tmp`; counts against `memory` as far as it is used. */
  readonly temporaryStorage: Bytes;
}

export interface UnitSpec {
  /** Unique among living units; usable as a file name and a host name. */
  readonly id: string;
  /** The program (an absolute path as the unit sees it) and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** The whole environment; nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  readonly mounts: readonly ReadOnlyMount[];
  readonly limits: UnitLimits;
  readonly network: NetworkPolicy;
  /**
   * Port on the unit's own loopback address to listen on, for `Unit.listener`; connections are accepted by the platform.
   * An unisolated unit has no loopback address of its own: it listens on a free port of the host's, and environment
   * variables of the value `127.0.0.1:<listenOn>` name that port instead.
   */
  readonly listenOn?: number;
}

/** How a unit ended. */
export type UnitExit =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "signalled"; readonly signal: string }
  | { readonly kind: "out-of-memory" }
  | { readonly kind: "unusable"; readonly reason: string };

export interface Unit {
  readonly isolation: Isolation;
  /** The platform's end of the socketpair that the command has as descriptor 3. */
  readonly channel: Duplex;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves when the command is about to run, with the time since the start of the launch. Rejects where the unit ends before. */
  readonly launched: Promise<Seconds>;
  /** The listening socket asked for by `listenOn`; never resolves without it. */
  readonly listener: Promise<Server>;
  /** Resolves once, when no process of the unit is left and its resources are released. */
  readonly exited: Promise<UnitExit>;
  /** CPU time that all processes of the unit have used, or undefined where the host cannot tell. Cheap: one read. */
  cpuTime(): Seconds | undefined;
  /** Ends every process of the unit at once. Idempotent. */
  kill(): void;
}

export type Isolation =
  { readonly kind: "isolated" } | { readonly kind: "unisolated"; readonly reason: string };

/** Makes units of one kind on this host. */
export interface UnitFactory {
  readonly isolation: Isolation;
  /** What this host cannot enforce although asked for, one sentence each with its consequence; empty when all is there. */
  readonly limitations: readonly string[];
  launch(spec: UnitSpec): Unit;
  /** Releases what is shared by units (network slots, cgroup parents). Units must have ended. */
  close(): Promise<void>;
}
