/**
 * What a function is, as every package speaks of it.
 */
import type { FunctionName } from "./ids.ts";
import type { SnapshotMode } from "./starts.ts";
import type { Bytes, Cores, Seconds } from "./units.ts";

/** `nodejs` and `python3` load a handler module; `provided` runs an executable that speaks the Lambda Runtime API. */
export const runtimes = ["nodejs", "python3", "provided"] as const;
export type Runtime = (typeof runtimes)[number];

/** Processor architectures, by AWS Lambda's names. */
export const architectures = ["x86_64", "arm64"] as const;
export type Architecture = (typeof architectures)[number];

/**
 * What a function may reach: nothing, or the public internet and the `allow`ed exceptions (`10.1.2.0/24`, `10.1.2.3`,
 * `10.1.2.3:5432`) from what is blocked by default: the host, private ranges, link-local and metadata addresses.
 */
export type NetworkPolicy =
  { readonly kind: "none" } | { readonly kind: "egress"; readonly allow: readonly string[] };

/** What the control plane needs to know of a function. */
export interface FunctionDemand {
  readonly name: FunctionName;
  /** Grows with every change of code or configuration; instances of older revisions finish and are not used again. */
  readonly revision: number;
  /** Memory limit of one instance; reserved while the instance lives. */
  readonly memory: Bytes;
  /** Core share of one instance; reserved while it starts or executes. */
  readonly cores: Cores;
  /** Invocations that one instance executes at a time. */
  readonly concurrency: number;
  /** Instances that are kept even without work. */
  readonly provisioned: number;
  /** Most instances at a time. */
  readonly maxInstances: number;
  /** Most invocations waiting at a time; more are refused. */
  readonly maxQueue: number;
  /** An invocation that waits longer than this for an instance fails. */
  readonly queueTimeout: Seconds;
  /** Target for the time from arrival to result; undefined where nobody asked for one. */
  readonly deadline: Seconds | undefined;
  readonly snapshot: SnapshotMode;
}
