/**
 * What the sandbox offers to the platform: instances of functions, started on an isolation unit by a runtime.
 *
 * An instance reports its own life through one listener, in this order: `ready` or `ended`; after `ready`, `ended` once.
 * Every `invoke` gets exactly one outcome, also when the instance ends.
 */
import type {
  Architecture,
  Bytes,
  Cores,
  ErrorReport,
  FunctionName,
  NetworkPolicy,
  Runtime,
  Seconds,
  StartPhases,
} from "@frugal/core";
import type { Isolation } from "./unit/unit.ts";

export interface InstanceSpec {
  /** Unique among living instances; usable as a file name and a host name. */
  readonly id: string;
  readonly function: FunctionName;
  readonly runtime: Runtime;
  /**
   * `module.export` for `nodejs` and `python3`. For `provided` any text, handed on as `_HANDLER`: the package's `bootstrap`
   * is run, as on AWS Lambda, unless the handler is the path of a file in the package, which is then run itself.
   */
  readonly handler: string;
  /** What the package is made for. */
  readonly architectures: readonly Architecture[];
  /** The unpacked code package on the host. */
  readonly codeDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memory: Bytes;
  readonly cores: Cores;
  readonly temporaryStorage: Bytes;
  readonly network: NetworkPolicy;
  /** Invocations at a time; for `provided` always 1. */
  readonly concurrency: number;
  readonly initTimeout: Seconds;
  readonly invokeTimeout: Seconds;
}

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

export type InvokeOutcome =
  | { readonly kind: "success"; readonly payload: Uint8Array; readonly cpu: Seconds | undefined }
  | { readonly kind: "function-error"; readonly error: FunctionError; readonly cpu: Seconds | undefined }
  /** The instance could not finish it: timeout, crash, out of memory, stopped. The instance is ending. */
  | { readonly kind: "lost"; readonly error: ErrorReport };

export type InstanceEnd =
  | { readonly kind: "stopped" }
  /** It never became ready: the function's own initialisation failed, timed out, or the unit could not be made. */
  | { readonly kind: "start-failed"; readonly error: ErrorReport }
  | { readonly kind: "lost"; readonly error: ErrorReport };

export type LogStream = "stdout" | "stderr";

export interface InstanceListener {
  ready(phases: StartPhases): void;
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
}

export interface Sandbox {
  readonly isolation: Isolation;
  /** What this host cannot enforce, one sentence each with its consequence. */
  readonly limitations: readonly string[];
  /** The runtimes of this host, with what stands in the way of the missing ones. */
  runtimeProblem(runtime: Runtime): string | undefined;
  start(spec: InstanceSpec, listener: InstanceListener): Instance;
  /** Stops all instances and releases everything. */
  close(): Promise<void>;
}
