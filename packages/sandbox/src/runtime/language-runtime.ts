/**
 * Language runtime: how a function of one runtime is started in a unit and talked to. A port with one adapter each for
 * `nodejs`, `python3` and `provided`.
 */
import type { ErrorReport, Seconds } from "@frugal/core";
import type { InstanceSpec } from "../instance-spec.ts";
import type { FunctionError, InvocationUsage, InvokeRequest, LogStream } from "../sandbox.ts";
import type { Isolation, Unit, UnitSpec } from "../unit/unit.ts";

/**
 * What a template starts with: the runtime alone, for snapshots that functions share, or the whole function. Its process
 * keeps what makes clones distinct from each other ready for the dump.
 */
export type Template = "runtime" | "function";

/** A file that was loaded with the function. */
export interface LoadedFile {
  /** What `RuntimeSession.load` takes: for `nodejs` the path, for `python3` the module's name. */
  readonly module: string;
  /** As the function sees it. */
  readonly path: string;
  /** It belongs to an installed package or to the language, not to the function's own code. */
  readonly isDependency: boolean;
}

/** What loading the function involved. */
export interface LoadingReport {
  /** Those that load others before those. Of modules that functions share also what else of the package they looked at. */
  readonly files: readonly LoadedFile[];
  /** Environment variables that were read, with what was there; null where nothing was. */
  readonly environmentReads: Readonly<Record<string, string | null>>;
  /** Paths in the package, without ending, at which nothing was: what is there would have been loaded instead. */
  readonly absences: readonly string[];
}

/** What a runtime without a function is to load: `modules`, or else the function that `environment` names. */
export interface LoadRequest {
  /** As for `RuntimeSession.resume`. */
  readonly environment: Readonly<Record<string, string>>;
  readonly modules?: readonly string[];
  /** Whether `loading` is to be reported of the function; it costs time. */
  readonly isTraced?: boolean;
}

/** A request of a runtime that asks for its invocations, over a connection of its own. */
export interface UnansweredRequest {
  /** Of the runtime's end of the connection. */
  readonly port: number;
  /** The request, as it could have been sent. */
  readonly head: string;
}

/** What a session reports. Invocations are known by the numbers that `RuntimeSession.invoke` was given. */
export interface RuntimeListener {
  /** `age` ago the language runtime was up and about to load the function. Never where the package brings its own runtime. */
  started(age: Seconds): void;
  /** `age` ago the function was loaded; it takes invocations. */
  ready(age: Seconds): void;
  initFailed(error: FunctionError): void;
  succeeded(invocation: number, payload: Uint8Array, usage: InvocationUsage): void;
  failed(invocation: number, error: FunctionError, usage: InvocationUsage): void;
  /** `invocation` caused an error that nobody caught; the process is ending. */
  uncaught(invocation: number, error: FunctionError): void;
  /** Output that the runtime itself attributed; `invocation` is 0 outside invocations. */
  wrote(invocation: number, stream: LogStream, bytes: Buffer): void;
  /** `age` ago the template had come to rest: it may be dumped, and does nothing until it is resumed. */
  quiesced(age: Seconds): void;
  /** `age` ago the clone was distinct from all others: it takes invocations, or `load`. */
  resumed(age: Seconds): void;
  /** The answer to `quiesce` or `resume`: a hook of the function's failed, or it cannot be made distinct. A clone ends by itself. */
  hookFailed(error: FunctionError): void;
  /** `age` ago the modules that `load` named were loaded. */
  loaded(age: Seconds): void;
  /** What loading the function of a template, or a traced `load`, involved; precedes `ready`. */
  loading(report: LoadingReport): void;
  /** So many bytes of output the runtime kept back, because the invocation had written its share. */
  dropped(invocation: number, count: number): void;
  /** The function hung up; its process should be ending. */
  hungUp(): void;
  /** What the function sent makes no sense; nothing more comes from it. */
  broken(error: ErrorReport): void;
}

/** The conversation with one instance. */
export interface RuntimeSession {
  /** `timeout` is what the function is told; who keeps it is the instance. */
  invoke(invocation: number, request: InvokeRequest, timeout: Seconds): void;
  /** What a runtime at rest waits for an answer to; undefined where the platform sends invocations unasked. */
  readonly unanswered?: UnansweredRequest | undefined;
  /** Has a template that executes nothing prepare for being dumped. */
  quiesce(): void;
  /** Tells a clone of a template that it is one. A variable that the function itself has set stays as it is. */
  resume(environment: Readonly<Record<string, string>>): void;
  /** Has a template `runtime`, or a clone of one, load something; another `load` may follow one of modules. */
  load(request: LoadRequest): void;
  /** Resolves when all that a process which has ended had said was reported. */
  drained(): Promise<void>;
  /** Reports nothing any more and lets go of every connection. Idempotent. */
  close(): void;
}

export interface LanguageRuntime {
  /** What stands in the way of this runtime on this host, with what to do. */
  problem(): string | undefined;
  /** What is wrong with the function's handler, seen from outside. */
  handlerProblem(spec: InstanceSpec): string | undefined;
  /** How to run the function. Only where there is no `problem`. */
  plan(spec: InstanceSpec, isolation: Isolation, template?: Template): UnitSpec;
  connect(unit: Unit, spec: InstanceSpec, listener: RuntimeListener): RuntimeSession;
  /** What the runtime prints on standard error before it aborts for lack of memory, where it does. */
  readonly outOfMemoryMark: string | undefined;
}
