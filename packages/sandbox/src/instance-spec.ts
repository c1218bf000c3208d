import type { Architecture, Bytes, Cores, FunctionName, NetworkPolicy, Runtime, Seconds } from "@frugal/core";

/** An instance to be started. */
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
  /** Of the package; without it, no snapshot is made of the function. */
  readonly codeSha256?: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memory: Bytes;
  readonly cores: Cores;
  /** Logical processors that it may run on; undefined: all. An unisolated instance runs on all of them. */
  readonly cpus?: readonly number[] | undefined;
  readonly temporaryStorage: Bytes;
  readonly network: NetworkPolicy;
  /** Invocations at a time; for `provided` always 1. */
  readonly concurrency: number;
  readonly initTimeout: Seconds;
  readonly invokeTimeout: Seconds;
}
