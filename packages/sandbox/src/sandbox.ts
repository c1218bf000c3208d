/**
 * What the sandbox offers to the platform: instances of functions, started on an isolation unit by a runtime.
 *
 * An instance reports its own life through one listener, in this order: `ready` or `ended`; after `ready`, `ended` once.
 * Every `invoke` gets exactly one outcome, also when the instance ends.
 */
import type { ErrorReport, Runtime, Seconds, StartKind, StartPhases, StartWish } from "@frugal/core";
import type { InstanceSpec } from "./instance-spec.ts";
import type { Snapshots } from "./snapshot/snapshots.ts";
import type { Isolation } from "./unit/unit.ts";

export interface InvokeRequest {
  /** A UUID, as the function and its logs see it. */
  readonly requestId: string;
  /** A JSON document, passed on as it is. */
  readonly payload: Uint8Array;
  readonly functionArn: string;
  readonly traceId?: string;
  /** Base64 of a JSON document, as in `X-Amz-Client-Context`. */
  readonly clientContext?: string;
}

/** An error as the function's runtime reports it (AWS Lambda's field names). */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly stackTrace?: readonly string[];
}

/** What one invocation has used, as far as its runtime can tell: never where others ran beside it. */
export interface InvocationUsage {
  readonly cpu: Seconds | undefined;
  /** Minor and major; also undefined for `provided`, whose processes nobody asks. */
  readonly pageFaults: number | undefined;
}

export type InvokeOutcome =
  | ({ readonly kind: "success"; readonly payload: Uint8Array } & InvocationUsage)
  | ({ readonly kind: "function-error"; readonly error: FunctionError } & InvocationUsage)
  /** The instance could not finish it: timeout, crash, out of memory, stopped. The instance is ending. */
  | { readonly kind: "lost"; readonly error: ErrorReport };

export type InstanceEnd =
  | { readonly kind: "stopped" }
  /** It never became ready: the function's own initialisation failed, timed out, or the unit could not be made. */
  | { readonly kind: "start-failed"; readonly error: ErrorReport }
  | { readonly kind: "lost"; readonly error: ErrorReport };

export type LogStream = "stdout" | "stderr";

/** How an instance came to be. */
export interface InstanceStart {
  /** What it was asked for, or where that could not be had, the next best. */
  readonly kind: StartKind;
  readonly phases: StartPhases;
  /** CPU time that the start has used, where the host can tell. */
  readonly cpu: Seconds | undefined;
}

export interface InstanceListener {
  /** A start of the kind `from` failed for `reason`, and one of the kind `to` was begun in its place. */
  fellBack(from: StartKind, to: StartKind, reason: string): void;
  ready(start: InstanceStart): void;
  /** No process of the instance is left; its resources are free. */
  ended(end: InstanceEnd): void;
  /** Output of the function; `requestId` is undefined outside invocations and where it cannot be told. */
  log(requestId: string | undefined, stream: LogStream, text: string): void;
}

export interface Instance {
  /** At most `concurrency` at a time, only after `ready`. `done` is called exactly once, never before `invoke` returns. */
  invoke(request: InvokeRequest, done: (outcome: InvokeOutcome) => void): void;
  /** Ends the instance; invocations still running are lost. Idempotent. */
  stop(): void;
  /** CPU time used by all its processes so far, or undefined where the host cannot tell. */
  cpuTime(): Seconds | undefined;
  /**
   * Folder of the cgroup of its processes and of no others, as perf_event_open(2) takes it, from `ready` until it has
   * ended; undefined where the host has none.
   */
  perfFolder(): string | undefined;
}

export interface Sandbox {
  readonly isolation: Isolation;
  /** What this host cannot enforce, one sentence each with its consequence. */
  readonly limitations: readonly string[];
  /** Whether instances can be bound to processors (`InstanceSpec.cpus`). */
  readonly canPin: boolean;
  /** The runtimes of this host, with what stands in the way of the missing ones. */
  runtimeProblem(runtime: Runtime): string | undefined;
  /** `wish` is how it is to be started; the default is to boot. */
  start(spec: InstanceSpec, listener: InstanceListener, wish?: StartWish): Instance;
  /** Undefined where this host can make none: `snapshotProblem` says why. */
  readonly snapshots: Snapshots | undefined;
  readonly snapshotProblem: string | undefined;
  /** Stops all instances and releases everything. */
  close(): Promise<void>;
}
