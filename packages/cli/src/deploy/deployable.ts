/**
 * A function ready to be packed and sent: where its code is, and its settings by the platform's names.
 */
import { resolve } from "node:path";
import type { SnapshotMode } from "@frugal/core";
import type { Manifest, ManifestFunction } from "../manifest/schema.ts";

/** Settings as the platform's API takes them; what is missing gets the platform's defaults. */
export interface FunctionSettings {
  readonly runtime: string;
  readonly handler?: string;
  readonly description?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly architectures?: readonly string[];
  readonly memoryMiB?: number;
  readonly temporaryStorageMiB?: number;
  readonly timeoutSeconds?: number;
  readonly initTimeoutSeconds?: number;
  readonly queueTimeoutSeconds?: number;
  readonly cores?: number;
  readonly concurrency?: number;
  readonly provisioned?: number;
  readonly maxInstances?: number;
  readonly maxQueue?: number;
  readonly asyncRetries?: number;
  readonly deadlineSeconds?: number;
  readonly snapshot?: SnapshotMode;
  readonly warmUp?: NonNullable<ManifestFunction["warmUp"]>;
  readonly work?: NonNullable<ManifestFunction["work"]>;
  readonly network?:
    { readonly kind: "none" } | { readonly kind: "egress"; readonly allow: readonly string[] };
}

export interface Deployable {
  readonly name: string;
  readonly folder: string;
  /** Globs of what the package leaves out (`!tests/**`) or takes in again, in order. */
  readonly patterns: readonly string[];
  readonly settings: FunctionSettings;
}

/** The manifest's functions; `folder` is the manifest's own. */
export const deployablesOf = (manifest: Manifest, folder: string): readonly Deployable[] =>
  Object.entries(manifest.functions).map(([name, one]) => ({
    name,
    folder: resolve(folder, one.package?.path ?? "."),
    patterns: one.package?.patterns ?? [],
    settings: settingsOf(one, manifest.provider),
  }));

/** The function's own field, else the provider's, else none; environments are merged. */
function settingsOf(one: ManifestFunction, provider: Manifest["provider"]): FunctionSettings {
  const runtime = one.runtime ?? provider?.runtime ?? "";
  const environment = { ...provider?.environment, ...one.environment };
  return withoutUndefined({
    runtime,
    handler: one.handler,
    description: one.description,
    environment: mapped(environment, String),
    architectures: architecturesOf(one) ?? architecturesOf(provider ?? {}),
    memoryMiB: one.memorySize ?? provider?.memorySize,
    timeoutSeconds: one.timeout ?? provider?.timeout,
    temporaryStorageMiB: one.ephemeralStorageSize,
    initTimeoutSeconds: one.initTimeout,
    queueTimeoutSeconds: one.queueTimeout,
    cores: one.cores,
    concurrency: one.concurrency,
    provisioned: one.provisionedConcurrency,
    maxInstances: one.reservedConcurrency,
    maxQueue: one.maxQueue,
    asyncRetries: one.maximumRetryAttempts,
    deadlineSeconds: one.deadline,
    snapshot: one.snapshot,
    warmUp: one.warmUp,
    work: one.work,
    network: networkOf(one.network),
  });
}

type Architectures = Pick<ManifestFunction, "architecture" | "architectures">;
const architecturesOf = ({ architecture, architectures }: Architectures): readonly string[] | undefined =>
  architectures ?? (architecture === undefined ? undefined : [architecture]);

const networkOf = (network: ManifestFunction["network"]): FunctionSettings["network"] =>
  network === undefined
    ? undefined
    : network.mode === "none"
      ? { kind: "none" }
      : { kind: "egress", allow: network.allow ?? [] };

const mapped = <V, W>(record: Readonly<Record<string, V>>, change: (value: V) => W): Record<string, W> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));

type Sparse<T> = { readonly [K in keyof T]: T[K] | undefined };

/** Absent rather than undefined: JSON and the platform's defaults know only absence. */
const withoutUndefined = (settings: Sparse<FunctionSettings> & { runtime: string }): FunctionSettings => {
  const { runtime, ...rest } = settings;
  return { runtime, ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) };
};
