/**
 * The snapshots of this host: finds what a function can be started from, restores it, and has made what is missing.
 */
import { join } from "node:path";
import {
  type Clock,
  FrugalError,
  type FunctionName,
  minus,
  type Runtime,
  type Seconds,
  type StartKind,
  type StartOffer,
} from "@frugal/core";
import type { LanguageRuntime } from "../runtime/language-runtime.ts";
import type { InstanceSpec } from "../instance-spec.ts";
import type { UnitFactory, UnitSpec } from "../unit/unit.ts";
import type { Catalogue } from "./catalogue/catalogue.ts";
import type { Snapshot } from "./catalogue/shelf.ts";
import { type SnapshotKey, snapshotIdOf } from "./catalogue/snapshot-key.ts";
import { SnapshotBuild } from "./build/snapshot-build.ts";
import { templatePlan } from "./build/template.ts";
import { describe, summarise } from "./description.ts";
import type { HotSets } from "./hot-sets.ts";
import type { Identity } from "./identity.ts";
import type { Pager } from "./pager/pager.ts";
import { Phases } from "./phases.ts";
import { Restore, type RestoreKind } from "./restore/restore.ts";
import type { Build, SnapshotDetails, Snapshots, SnapshotSummary, WarmUp } from "./snapshots.ts";
import { StoredSnapshot, WORKING_SET_FILE } from "./stored-snapshot.ts";

export interface HostSnapshotsParts {
  readonly units: UnitFactory;
  readonly runtimes: Readonly<Record<Runtime, LanguageRuntime>>;
  readonly clock: Clock;
  readonly catalogue: Catalogue;
  readonly pager: Pager;
  readonly hotSets: HotSets;
  readonly identity: Identity;
  /** Gets what becomes of snapshots and nobody waits for. */
  readonly complain: (line: string) => void;
}

/** Restores in a row that fail before a snapshot is taken for useless. */
const MOST_FAILURES = 3;

/** A restore and the plan of its unit. */
export interface PreparedStart {
  readonly restore: Pick<Restore, "learn" | "release">;
  readonly snapshot: Pick<StoredSnapshot, "id" | "started" | "workingSetPages">;
  readonly plan: UnitSpec;
}

export class HostSnapshots implements Snapshots {
  readonly #parts: HostSnapshotsParts;
  readonly #phases: Phases;
  readonly #stored = new Map<string, Promise<StoredSnapshot>>();
  /** Those of `#stored` that are there. */
  readonly #loaded = new Map<string, StoredSnapshot>();
  /** Restores in a row that have failed, by snapshot. */
  readonly #failures = new Map<string, number>();
  /** What the last boot of each function took. */
  readonly #boots = new Map<FunctionName, Seconds>();
  #whenRemoved: (functions: readonly string[]) => void = () => undefined;
  /** Not yet done. */
  readonly #builds = new Set<Build>();
  /** Why the last snapshot that each function has lost is gone. */
  readonly #losses = new Map<string, string>();
  #verifying: Promise<void> | undefined;
  #isClosed = false;

  /** Takes over `catalogue` and `pager`: they are closed with it, after all builds. */
  constructor(parts: HostSnapshotsParts) {
    this.#parts = parts;
    this.#phases = new Phases(parts.catalogue, parts.identity);
    parts.catalogue.onRemoval((snapshot, why) => this.#removed(snapshot, why));
  }

  /** Looks at all snapshots, one after another, so that the first start from each need not. Never rejects. */
  verifyAll(): Promise<void> {
    return (this.#verifying ??= this.#verifyAll());
  }

  async offers(spec: InstanceSpec): Promise<readonly StartOffer[]> {
    const phase = await this.#phaseOf(spec);
    const own = this.find(spec);
    return [
      ...(phase === undefined ? [] : [this.#offer("phase", phase.id)]),
      ...(own === undefined
        ? []
        : (["eager", "lazy", "prefetch"] as const).map((kind) => this.#offer(kind, own))),
    ];
  }

  find(spec: InstanceSpec): string | undefined {
    const finding = this.#parts.catalogue.find(this.#functionKey(spec));
    return finding.kind === "found" ? finding.snapshot.id : undefined;
  }

  absence(spec: InstanceSpec): string | undefined {
    if (this.find(spec) !== undefined) return undefined;
    const { catalogue } = this.#parts;
    const key = this.#functionKey(spec);
    const difference = catalogue.explain(key, spec.function);
    if (difference !== undefined) return `its snapshot does not fit: ${difference}`;
    const loss = this.#losses.get(spec.function);
    if (loss !== undefined) return `its snapshot is gone: ${loss}`;
    return catalogue.refusals.find((refusal) => refusal.includes(snapshotIdOf(key)));
  }

  onRemoval(tell: (functions: readonly string[]) => void): void {
    this.#whenRemoved = tell;
  }

  build(spec: InstanceSpec, warmUp: WarmUp): Build {
    const build = new SnapshotBuild({
      ...this.#parts,
      spec,
      warmUp,
      runtime: this.#parts.runtimes[spec.runtime],
      phases: this.#phases,
      open: (key) => this.#open(key),
      prepare: (snapshot, kind) => this.#restore(snapshot, kind, true),
    });
    this.#builds.add(build);
    void build.done.then(() => this.#builds.delete(build));
    if (this.#isClosed) build.stop();
    return build;
  }

  /** FrugalError snapshot-unusable where there is nothing to start from in this way. `useMemory`: also what the pager keeps. */
  async prepare(spec: InstanceSpec, kind: RestoreKind, useMemory: boolean): Promise<PreparedStart> {
    const isPhase = kind === "phase";
    const snapshot = isPhase ? await this.#phaseFor(spec) : await this.#open(this.#functionKey(spec));
    if (snapshot === undefined) {
      throw new FrugalError(
        "snapshot-unusable",
        isPhase ? "no boot phase fits" : (this.absence(spec) ?? "there is no snapshot of it yet"),
      );
    }
    const restore = await this.#restore(snapshot, kind, useMemory);
    return { restore, snapshot, plan: { ...this.#plan(spec, isPhase), image: restore.image } };
  }

  /** An instance of `fn` has booted. */
  booted(fn: FunctionName, latency: Seconds): void {
    this.#boots.set(fn, latency);
  }

  /** An instance of `fn` was restored from the snapshot `id`. */
  restored(id: string, fn: FunctionName, latency: Seconds): void {
    const boot = this.#boots.get(fn);
    this.#failures.delete(id);
    this.#parts.catalogue.started(id, boot === undefined ? undefined : minus(boot, latency));
  }

  /** The snapshot `id` could not be restored: one that cannot be time and again would cost every start the attempt. */
  async failed(id: string, reason: string): Promise<void> {
    const failures = (this.#failures.get(id) ?? 0) + 1;
    this.#failures.set(id, failures);
    if (failures < MOST_FAILURES || this.#parts.catalogue.get(id) === undefined) return;
    this.#parts.complain(
      `The snapshot ${id} is removed, because ${failures} starts from it in a row have failed: ${reason}`,
    );
    await this.#parts.catalogue.remove(id, `${failures} starts from it in a row have failed: ${reason}`);
  }

  list(): readonly SnapshotSummary[] {
    return this.#parts.catalogue.list().map((snapshot) => summarise(snapshot, this.#loaded.get(snapshot.id)));
  }

  async inspect(id: string): Promise<SnapshotDetails | undefined> {
    const snapshot = this.#parts.catalogue.get(id);
    return snapshot === undefined ? undefined : describe(snapshot, await this.#load(snapshot));
  }

  async remove(id: string): Promise<boolean> {
    const { catalogue } = this.#parts;
    if (catalogue.get(id) === undefined) return false;
    await catalogue.remove(id, "it was deleted");
    return true;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const build of this.#builds) build.stop();
    await Promise.all([this.#verifying, ...[...this.#builds].map(({ done }) => done)]);
    for (const snapshot of this.#loaded.values()) await snapshot.close();
    await this.#parts.pager.close();
    await this.#parts.catalogue.close();
  }

  #functionKey(spec: InstanceSpec): SnapshotKey {
    return this.#parts.identity.keyOf("function", spec, this.#plan(spec, false));
  }

  #plan(spec: InstanceSpec, isPhase: boolean): UnitSpec {
    const { runtimes, units } = this.#parts;
    return templatePlan(runtimes[spec.runtime], spec, units.isolation, isPhase ? "runtime" : "function");
  }

  async #phaseOf(spec: InstanceSpec): Promise<Snapshot | undefined> {
    return spec.runtime === "provided" ? undefined : this.#phases.furthestFor(spec, this.#plan(spec, true));
  }

  async #phaseFor(spec: InstanceSpec): Promise<StoredSnapshot | undefined> {
    const found = await this.#phaseOf(spec);
    return found === undefined ? undefined : this.#load(found);
  }

  #offer(kind: StartKind, id: string): StartOffer {
    return (
      this.#loaded.get(id)?.offer(kind) ?? { kind, latency: undefined, cpu: undefined, memory: undefined }
    );
  }

  async #open(key: SnapshotKey): Promise<StoredSnapshot | undefined> {
    const finding = this.#parts.catalogue.find(key);
    return finding.kind === "found" ? this.#load(finding.snapshot) : undefined;
  }

  #load(snapshot: Snapshot): Promise<StoredSnapshot> {
    let stored = this.#stored.get(snapshot.id);
    if (stored === undefined) {
      const loading = (stored = this.#verified(snapshot));
      this.#stored.set(snapshot.id, loading);
      // Meanwhile another may have taken its place.
      const isPresent = (): boolean => this.#stored.get(snapshot.id) === loading;
      loading.then(
        (loaded) => {
          if (isPresent()) this.#loaded.set(snapshot.id, loaded);
        },
        () => {
          if (isPresent()) this.#stored.delete(snapshot.id);
        },
      );
    }
    return stored;
  }

  /** Whatever is kept of a snapshot would be taken for the next one of its id. */
  #removed({ id, folder, manifest }: Snapshot, why: string): void {
    if (manifest.kind === "function") for (const name of manifest.functions) this.#losses.set(name, why);
    this.#parts.pager.dropImage(folder);
    this.#parts.hotSets.forget(join(folder, WORKING_SET_FILE));
    for (const kept of [this.#stored, this.#loaded, this.#failures]) kept.delete(id);
    this.#whenRemoved(manifest.functions);
  }

  async #verifyAll(): Promise<void> {
    const { catalogue, complain } = this.#parts;
    for (const { id, manifest } of catalogue.list()) {
      if (this.#isClosed) return;
      if (catalogue.get(id) === undefined) continue;
      const verification = await catalogue.verify(id);
      if (verification.kind === "refused")
        complain(`The snapshot ${id} of ${manifest.functions.join(", ")} is refused: ${verification.reason}`);
    }
  }

  async #verified(snapshot: Snapshot): Promise<StoredSnapshot> {
    const { catalogue } = this.#parts;
    const verification = await catalogue.verify(snapshot.id);
    if (verification.kind === "whole") return StoredSnapshot.load(catalogue, snapshot);
    throw new FrugalError(
      "snapshot-unusable",
      `The snapshot ${snapshot.id} is refused: ${verification.reason}`,
    );
  }

  async #restore(snapshot: StoredSnapshot, kind: RestoreKind, useMemory: boolean): Promise<Restore> {
    const { catalogue, pager, hotSets } = this.#parts;
    const entry = catalogue.get(snapshot.id);
    if (entry === undefined)
      throw new FrugalError("snapshot-unusable", `The snapshot ${snapshot.id} was removed`);
    if (kind === "prefetch" && useMemory && snapshot.workingSet !== undefined)
      hotSets.touch(snapshot.workingSet);
    const { sockets, connections = [] } = entry.manifest;
    return Restore.prepare({ catalogue, pager, snapshot, sockets, connections }, kind, useMemory);
  }
}
