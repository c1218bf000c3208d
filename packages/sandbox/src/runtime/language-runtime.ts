/**
 * Language runtime: how a function of one runtime is started in a unit and talked to. A port with one adapter each for
 * `nodejs`, `python3` and `provided`.
 */
import type { ErrorReport, Seconds } from "@frugal/core";
import type { FunctionError, InstanceSpec, InvokeRequest, LogStream } from "../sandbox.ts";
import type { Isolation, Unit, UnitSpec } from "../unit/unit.ts";

/** What a session reports. Invocations are known by the numbers that `RuntimeSession.invoke` was given. */
export interface RuntimeListener {
  /** `age` ago the language runtime was up and about to load the function. Never where the package brings its own runtime. */
  started(age: Seconds): void;
  /** `age` ago the function was loaded; it takes invocations. */
  ready(age: Seconds): void;
  initFailed(error: FunctionError): void;
  succeeded(invocation: number, payload: Uint8Array, cpu: Seconds | undefined): void;
  failed(invocation: number, error: FunctionError, cpu: Seconds | undefined): void;
  /** `invocation` caused an error that nobody caught; the process is ending. */
  uncaught(invocation: number, error: FunctionError): void;
  /** Output that the runtime itself attributed; `invocation` is 0 outside invocations. */
  wrote(invocation: number, stream: LogStream, bytes: Buffer): void;
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
  plan(spec: InstanceSpec, isolation: Isolation): UnitSpec;
  connect(unit: Unit, spec: InstanceSpec, listener: RuntimeListener): RuntimeSession;
  /** What the runtime prints on standard error before it aborts for lack of memory, where it does. */
  readonly outOfMemoryMark: string | undefined;
}
