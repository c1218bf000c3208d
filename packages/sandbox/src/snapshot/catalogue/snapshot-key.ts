/**
 * What a snapshot depends on: a process image may be restored only where all of this is as it was.
 *
 * A key is plain text by dimension, so that it can be stored, compared and explained. Processor features are the exception
 * to equality: code chose its instructions by them when it started, so a host needs at least those of the first one.
 *
 * Invariants (cited by the tests):
 *   K1  keys have the same id exactly when they are equal in every dimension but the processor's features
 *   K2  `differences` is empty exactly when a snapshot of the one key serves a host of the other
 *   K3  no value of an environment variable is in a key
 */
import { createHash } from "node:crypto";
import { type Bytes, inMebibytes } from "@frugal/core";

/** Text by dimension; dimensions that a kind of snapshot does not depend on are left out. */
export type SnapshotKey = Readonly<Record<string, string>>;

export interface SnapshotDependencies {
  readonly instructionSet: string;
  /** Sorted, as the kernel names them. */
  readonly cpuFeatures: readonly string[];
  readonly kernel: string;
  readonly criu: string;
  readonly runtime: RuntimeIdentity;
  readonly shimSha256: string;
  /** Of mounts, descriptors and numbers inside the unit. */
  readonly unitLayout: number;
  readonly memory: Bytes;
  readonly concurrency: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Undefined where no code of a function is in the image. */
  readonly code: CodeIdentity | undefined;
}

interface RuntimeIdentity {
  readonly name: string;
  readonly version: string;
  /** The program, and its file: whether it is still the same one. */
  readonly path: string;
  readonly size: Bytes;
  readonly modified: string;
}

interface CodeIdentity {
  readonly sha256: string;
  readonly handler: string;
}

/** Dimensions whose text means nothing to people, and what to call a difference. */
const opaque: Readonly<Record<string, string>> = {
  shim: "another version of Frugal's runtime shim",
  code: "other code",
  environment: "other environment variables",
  runtimeFile: "another file of the runtime",
  content: "other files loaded before the snapshot was made",
};

const names: Readonly<Record<string, string>> = {
  instructionSet: "instruction set",
  criu: "criu",
  unitLayout: "layout of units, version",
};

const FEATURES = "cpuFeatures";

export function snapshotKeyOf(from: SnapshotDependencies): SnapshotKey {
  const { runtime, code } = from;
  return {
    instructionSet: from.instructionSet,
    [FEATURES]: from.cpuFeatures.join(" "),
    kernel: from.kernel,
    criu: from.criu,
    runtime: `${runtime.name} ${runtime.version}`,
    runtimeFile: `${runtime.path} ${runtime.size} ${runtime.modified}`,
    shim: from.shimSha256,
    unitLayout: String(from.unitLayout),
    memory: `${inMebibytes(from.memory)} MiB`,
    concurrency: String(from.concurrency),
    environment: sha256(canonical(from.environment)),
    ...(code === undefined ? {} : { code: code.sha256, handler: code.handler }),
  };
}

/** Names the snapshot of `key` on disk. */
export const snapshotIdOf = (key: SnapshotKey): string =>
  sha256(canonical({ ...key, [FEATURES]: "" })).slice(0, 32);

/** Why what was made with the key `made` cannot be used where the key is `now`, in words. */
export function differences(now: SnapshotKey, made: SnapshotKey): readonly string[] {
  const dimensions = [...new Set([...Object.keys(made), ...Object.keys(now)])];
  return dimensions.flatMap((dimension) => {
    const [here, there] = [now[dimension], made[dimension]];
    if (dimension === FEATURES) return missingFeatures(here, there);
    if (here === there) return [];
    const words = opaque[dimension];
    if (words !== undefined) return [words];
    return [`${names[dimension] ?? dimension} ${here ?? "none"} instead of ${there ?? "none"}`];
  });
}

function missingFeatures(here: string | undefined, there: string | undefined): readonly string[] {
  const present = new Set(here?.split(" "));
  const missing = (there ?? "").split(" ").filter((feature) => feature !== "" && !present.has(feature));
  return missing.length === 0 ? [] : [`the CPU lacks ${missing.join(", ")}`];
}

/** Independent of the order in which entries were added. */
const canonical = (record: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
