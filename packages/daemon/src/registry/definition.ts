/**
 * A deployed function: what the registry stores and the platform runs.
 */
import type {
  Architecture,
  Bytes,
  Cores,
  FunctionName,
  NetworkPolicy,
  Runtime,
  Seconds,
  SnapshotMode,
} from "@frugal/core";
import type { WorkPaths } from "@frugal/predict";

/** What is executed before the function is snapshotted. */
interface DefinedWarmUp {
  readonly count: number;
  /** JSON documents, used in turn; undefined where those of the function's first invocations are to be used. */
  readonly payloads: readonly Uint8Array[] | undefined;
}

export interface FunctionDefinition {
  readonly name: FunctionName;
  /** Grows with every change of code or configuration. */
  readonly revision: number;
  readonly runtime: Runtime;
  readonly handler: string;
  readonly description: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly architectures: readonly Architecture[];
  readonly memory: Bytes;
  readonly cores: Cores;
  readonly temporaryStorage: Bytes;
  /** Limit of one execution, `timeout` of the manifest. */
  readonly timeout: Seconds;
  readonly initTimeout: Seconds;
  /** Limit of the wait for an instance, its start included. */
  readonly queueTimeout: Seconds;
  readonly concurrency: number;
  readonly provisioned: number;
  readonly maxInstances: number;
  readonly maxQueue: number;
  readonly network: NetworkPolicy;
  /** Further attempts of an asynchronous invocation whose function failed. */
  readonly asyncRetries: number;
  /** Target for the time from arrival to result; undefined where nobody asked for one. */
  readonly deadline: Seconds | undefined;
  /** Where payloads say how much work they are; undefined where nobody declared it: by their bytes. */
  readonly work: WorkPaths | undefined;
  readonly snapshot: SnapshotMode;
  readonly warmUp: DefinedWarmUp;
  /** Base64, of the uploaded package. */
  readonly codeSha256: string;
  readonly codeSize: Bytes;
  /** The unpacked package on the host. */
  readonly codeDirectory: string;
  /** Time of the last change, UTC, ISO 8601. */
  readonly lastModified: string;
}
