/**
 * The snapshots of a host as others see them: what functions can be started from, how it is made, and what it holds.
 */
import type { Bytes, Ratio, Seconds, StartKind, StartOffer } from "@frugal/core";
import type { InstanceSpec } from "../instance-spec.ts";
import type { PageRunsJson } from "./working-set/page-runs.ts";

/** `function`: initialised and warmed up. The others are boot phases that functions share. */
export type SnapshotKind = "function" | "dependencies" | "runtime";

/** What a template executes before it is dumped. */
export interface WarmUp {
  readonly count: number;
  /** JSON documents, used in turn. */
  readonly payloads: readonly Uint8Array[];
}

export interface SnapshotSummary {
  readonly id: string;
  readonly kind: SnapshotKind;
  /** Functions that it was made for. */
  readonly functions: readonly string[];
  /** Name and version of the language runtime. */
  readonly runtime: string;
  readonly size: Bytes;
  /** UTC, ISO 8601. */
  readonly createdAt: string;
  /** Pages of 4096 bytes in the image. */
  readonly pages: number;
  /** Pages that are installed ahead; undefined before the first recording. */
  readonly workingSetPages: number | undefined;
  /** Starts from it since the platform has started. */
  readonly starts: number;
}

/** One start from a snapshot. */
export interface RestoreRecord {
  readonly kind: StartKind;
  /** Whether the unit had been made ahead. */
  readonly isPooled: boolean;
  /** From the command to readiness. */
  readonly latency: Seconds;
  /** Page faults until the first invocation had finished; undefined for `eager`, which has none. */
  readonly faults: number | undefined;
  /** Pages installed ahead. */
  readonly prefetched: number;
}

/** A range of memory of one process of the image. Addresses are in pages of 4096 bytes. */
interface MemoryRange {
  readonly pid: number;
  readonly firstPage: number;
  readonly pages: number;
}

export interface SnapshotDetails extends SnapshotSummary {
  readonly folder: string;
  /** What it depends on, by dimension. */
  readonly key: Readonly<Record<string, string>>;
  readonly files: readonly { readonly name: string; readonly size: Bytes; readonly sha256: string }[];
  readonly pids: readonly number[];
  readonly workingSet:
    | {
        readonly pages: number;
        /** Pages of it that hold only zeros, and need no reading. */
        readonly zeroPages: number;
        readonly extents: number;
        readonly recordings: number;
        readonly restores: number;
        readonly lastMisses: number | undefined;
        readonly meanMisses: number | undefined;
        /** Share of the pages ever recorded that every recording touched. */
        readonly stable: Ratio | undefined;
      }
    | undefined;
  /** The file-backed working set. */
  readonly fileRanges: { readonly ranges: number; readonly bytes: Bytes };
  readonly dump: Seconds;
  /** The last ones, oldest first. */
  readonly lastRestores: readonly RestoreRecord[];
  /** For a picture: all memory of the image, and the working set in it. */
  readonly pageMap: { readonly image: readonly MemoryRange[]; readonly workingSet: PageRunsJson };
}

/** What became of a template. */
export type BuildResult =
  | { readonly kind: "built"; readonly id: string }
  /** `reason` is a sentence: why this function cannot be dumped. */
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "stopped" };

/** A template at work. */
export interface Build {
  /** When nothing of the template is left. Never rejects. */
  readonly done: Promise<BuildResult>;
  /** Ends it at once. Idempotent. */
  stop(): void;
  /** CPU time that it has used, as far as it is known. */
  cpuTime(): Seconds | undefined;
}

export interface Snapshots {
  /** Kinds of starts that `spec` can have here beside `boot`, and what they took. */
  offers(spec: InstanceSpec): Promise<readonly StartOffer[]>;
  /** The id of the snapshot of `spec` itself, where there is one that fits. */
  find(spec: InstanceSpec): string | undefined;
  /** Why a snapshot that `spec` had cannot be used, or is gone; undefined where it has one, or never had. */
  absence(spec: InstanceSpec): string | undefined;
  /** Makes a snapshot of `spec` by templates whose units are named after its id, and of the boot phases that are missing. */
  build(spec: InstanceSpec, warmUp: WarmUp): Build;
  list(): readonly SnapshotSummary[];
  inspect(id: string): Promise<SnapshotDetails | undefined>;
  /** `tell` hears for which functions a snapshot was made that is no longer there, for whatever cause. */
  onRemoval(tell: (functions: readonly string[]) => void): void;
  /** False where there is none. Clones that run go on. */
  remove(id: string): Promise<boolean>;
}
