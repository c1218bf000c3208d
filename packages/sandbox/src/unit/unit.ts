/**
 * Isolation unit: where one function instance lives. A port with two adapters, `isolated` (namespaces, cgroups, seccomp,
 * made by the native init; needs root) and `plain` (an ordinary child process, clearly called unisolated).
 *
 * A unit runs one command and knows nothing of runtimes or invocations. It dies as a whole: when the command ends, when
 * `kill` is called, or when the platform's process dies, no process of it survives.
 */
import type { Server, Socket } from "node:net";
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
  /** Logical processors that it may run on; undefined: all. Isolated units only. */
  readonly cpus?: readonly number[] | undefined;
  readonly processes: number;
  readonly openFiles: number;
  /** Size of the private `/tmp`; counts against `memory` as far as it is used. */
  readonly temporaryStorage: Bytes;
}

/** A session of the pager, as the unit's init opens it. */
interface PagerSession {
  /** Path of the pager's socket. */
  readonly socket: string;
  /** What the session is to serve: names and values. */
  readonly records: readonly (readonly [name: string, value: string])[];
}

/** A TCP connection of an image's processes to the platform, whose end is made anew. Sequence numbers are those behind the last byte. */
export interface UnitConnection {
  /** Of the processes' end, an IPv4 address on loopback. */
  readonly address: string;
  readonly port: number;
  /** By the processes. */
  readonly sent: number;
  readonly received: number;
  /** TCPI_OPT_ bits. */
  readonly options: number;
  readonly segmentSize: number;
  /** Shifts of the window. */
  readonly sendScale: number;
  readonly receiveScale: number;
  readonly timestamp: number;
  readonly sendWindow: number;
  readonly receiveWindow: number;
  /** What of the bytes sent the platform's new end is to read first; empty for none. */
  readonly unanswered: string;
}

/** An image to restore in place of running the command. */
export interface UnitImage {
  /** Its folder on the host. */
  readonly folder: string;
  /** Inodes of the sockets that the template had as descriptors 1 to 3; 0 for what was no socket. */
  readonly sockets: UnitSockets;
  /** Those to `UnitSpec.listenOn`. */
  readonly connections: readonly UnitConnection[];
  /** Who serves its pages; undefined: all are restored before it runs. */
  readonly pager: PagerSession | undefined;
}

export type UnitSockets = readonly [stdout: number, stderr: number, channel: number];

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
  /** Whether `dump` will be asked of it. */
  readonly isTemplate?: boolean;
  /** Isolated units only. */
  readonly image?: UnitImage;
}

/** How a unit ended. */
export type UnitExit =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "signalled"; readonly signal: string }
  | { readonly kind: "out-of-memory" }
  | { readonly kind: "unusable"; readonly reason: string }
  /** Something of the platform was lost that it hung on; another unit would do. */
  | { readonly kind: "lost"; readonly reason: string }
  /** Its image could not be restored. */
  | { readonly kind: "unrestorable"; readonly reason: string };

export interface Unit {
  readonly isolation: Isolation;
  /** The process on the host that it ends with; undefined where it could not be started. */
  readonly hostPid: number | undefined;
  /** The platform's end of the socketpair that the command has as descriptor 3. */
  readonly channel: Duplex;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /**
   * Resolves when the command is about to run, or the image's processes are, with the times since the start of the launch.
   * Rejects where the unit ends before.
   */
  readonly launched: Promise<LaunchTimes>;
  /** The listening socket asked for by `listenOn`; never resolves without it. */
  readonly listener: Promise<Server>;
  /** The platform's ends of the image's connections; resolves with `launched`, without an image to none. */
  readonly connections: Promise<readonly Socket[]>;
  /** Resolves once, when no process of the unit is left and its resources are released. */
  readonly exited: Promise<UnitExit>;
  /** CPU time that all processes of the unit have used, or undefined where the host cannot tell. Cheap: one read. */
  cpuTime(): Seconds | undefined;
  /** The cgroup of its processes and of no others, as perf_event_open(2) takes it; undefined where there is none. */
  perfFolder(): string | undefined;
  /** Ends every process of the unit at once. Idempotent. */
  kill(): void;
  /**
   * Makes an image of the command and all its processes in `folder`, and ends the unit. Rejects with the reason where that
   * cannot be; an unisolated unit never can.
   */
  dump(folder: string): Promise<UnitSockets>;
}

/** Since the start of the launch. */
export interface LaunchTimes {
  /** Until the unit was made; zero where it waited in reserve. */
  readonly made: Seconds;
  /** Until the command was about to run, or the image's processes were. */
  readonly launched: Seconds;
}

export type Isolation =
  { readonly kind: "isolated" } | { readonly kind: "unisolated"; readonly reason: string };

/** Makes units of one kind on this host. */
export interface UnitFactory {
  readonly isolation: Isolation;
  /** What this host cannot enforce although asked for, one sentence each with its consequence; empty when all is there. */
  readonly limitations: readonly string[];
  /** Whether units can be bound to processors. */
  readonly canPin: boolean;
  /** For small files that live as long as the platform, and go with it; undefined where units need none. */
  readonly folder: string | undefined;
  /** `useReserve`: take a unit that was made ahead, where one waits (the default). */
  launch(spec: UnitSpec, useReserve?: boolean): Unit;
  /** Releases what is shared by units (network slots, cgroup parents). Units must have ended. */
  close(): Promise<void>;
}
