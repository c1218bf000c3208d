/**
 * Makes the snapshots of one function in the background: its own, by a template that is warmed up; the recordings and
 * figures that its starts need; and of the boot phases that it could share, those that are missing.
 *
 * The function's own snapshot decides how the build ends: what comes after it is worth having, but can be had later.
 */
import { type Clock, FrugalError, messageOf, plus, type Seconds, seconds } from "@frugal/core";
import type { LanguageRuntime, LoadingReport } from "../../runtime/language-runtime.ts";
import type { InstanceSpec } from "../../instance-spec.ts";
import type { Unit, UnitFactory } from "../../unit/unit.ts";
import type { Catalogue } from "../catalogue/catalogue.ts";
import type { SnapshotKey } from "../catalogue/snapshot-key.ts";
import type { Identity } from "../identity.ts";
import { contentName, noContent, type PhaseContent, type Phases } from "../phases.ts";
import type { Restore, RestoreKind } from "../restore/restore.ts";
import type { Build, BuildResult, SnapshotKind, WarmUp } from "../snapshots.ts";
import type { StoredSnapshot } from "../stored-snapshot.ts";
import { rehearse } from "./rehearsal.ts";
import {
  dumpMilliseconds,
  makeImage,
  type TemplateGoal,
  type TemplateImage,
  templatePlan,
} from "./template.ts";

/** The first records the working set; the others measure. */
const rehearsals: readonly RestoreKind[] = ["prefetch", "eager", "prefetch"];

type Variables = Readonly<Record<string, string>>;

export interface BuildParts {
  readonly spec: InstanceSpec;
  readonly warmUp: WarmUp;
  readonly runtime: LanguageRuntime;
  readonly clock: Clock;
  readonly units: UnitFactory;
  readonly catalogue: Catalogue;
  readonly identity: Identity;
  readonly phases: Phases;
  /** The snapshot of a key, ready for use; undefined where there is none. */
  readonly open: (key: SnapshotKey) => Promise<StoredSnapshot | undefined>;
  readonly prepare: (snapshot: StoredSnapshot, kind: RestoreKind) => Promise<Restore>;
}

/** What a snapshot is to be. */
interface Making {
  readonly kind: SnapshotKind;
  readonly key: SnapshotKey;
  /** What went into a boot phase. */
  readonly phase?: PhaseContent;
}

export class SnapshotBuild implements Build {
  readonly done: Promise<BuildResult>;
  readonly #parts: BuildParts;
  #unit: Unit | undefined;
  #units = 0;
  /** Of the units before the present one. */
  #earlierCpu = seconds(0);
  #isStopped = false;

  constructor(parts: BuildParts) {
    this.#parts = parts;
    this.done = this.#run().catch((error: unknown): BuildResult =>
      this.#isStopped ? { kind: "stopped" } : { kind: "failed", reason: messageOf(error) },
    );
  }

  stop(): void {
    this.#isStopped = true;
    this.#unit?.kill();
  }

  cpuTime(): Seconds | undefined {
    const present = this.#unit?.cpuTime();
    return present === undefined ? undefined : plus(this.#earlierCpu, present);
  }

  async #run(): Promise<BuildResult> {
    const { loading, snapshot } = await this.#function();
    await this.#rehearse(snapshot).catch(async (error: unknown) => {
      // No start from it would do any better.
      if (!this.#isStopped && error instanceof FrugalError && error.code === "snapshot-unusable")
        await this.#parts.catalogue.remove(snapshot.id);
      throw error;
    });
    // A function that has its snapshot is served; phases are for the next one.
    await this.#sharedPhases(loading).catch(() => undefined);
    return { kind: "built", id: snapshot.id };
  }

  async #function(): Promise<{
    readonly loading: LoadingReport | undefined;
    readonly snapshot: StoredSnapshot;
  }> {
    const { spec, warmUp, open } = this.#parts;
    if (spec.codeSha256 === undefined)
      throw new FrugalError(
        "snapshot-unusable",
        "its package has no checksum, so nothing can be said to be of it",
      );
    const key = this.#keyOf("function");
    const known = await open(key);
    if (known !== undefined) return { loading: undefined, snapshot: known };
    const image = await this.#make({ kind: "function", key }, { kind: "function", warmUp });
    const snapshot = await open(key);
    if (snapshot === undefined)
      throw new FrugalError("snapshot-unusable", "its snapshot was removed as soon as it was made");
    return { loading: image.loading, snapshot };
  }

  async #rehearse(snapshot: StoredSnapshot): Promise<void> {
    const { spec, runtime, clock, units, warmUp, prepare } = this.#parts;
    const plan = templatePlan(runtime, spec, units.isolation, "function");
    for (const kind of rehearsals) {
      this.#checkStopped();
      const own = this.#ownSpec();
      await rehearse(snapshot, await prepare(snapshot, kind), {
        spec: own,
        runtime,
        clock,
        units,
        plan: { ...plan, id: own.id },
        payload: warmUp.count > 0 ? warmUp.payloads[0] : undefined,
        launched: this.#launched,
      });
      await snapshot.settled();
    }
  }

  async #sharedPhases(loading: LoadingReport | undefined): Promise<void> {
    const { spec, runtime, units, phases, open } = this.#parts;
    if (spec.runtime === "provided") return;
    const runtimeKey = this.#keyOf("runtime", "");
    if ((await open(runtimeKey)) === undefined) {
      await this.#make({ kind: "runtime", key: runtimeKey, phase: noContent }, { kind: "runtime" });
    }
    const dependencies = loading?.files.filter(({ isDependency }) => isDependency) ?? [];
    if (dependencies.length === 0) return;
    const plan = templatePlan(runtime, spec, units.isolation, "dependencies");
    const furthest = await phases.furthestFor(spec, plan);
    const present = new Set(furthest?.manifest.phase?.files.map(({ path }) => path));
    if (dependencies.every(({ path }) => present.has(path))) return;
    const modules = dependencies.map(({ module }) => module);
    // Of the function's variables, a phase holds only those that the modules read; loading tells which those are.
    let variables: Variables | undefined = {};
    while (variables !== undefined) variables = await this.#makeDependencies(modules, variables);
  }

  /** With which variables it is to be done again, where the modules read others than `variables`. */
  async #makeDependencies(modules: readonly string[], variables: Variables): Promise<Variables | undefined> {
    const { spec, catalogue, phases } = this.#parts;
    this.#checkStopped();
    const staging = await catalogue.begin();
    try {
      const image = await this.#image({ kind: "dependencies", modules, variables }, staging);
      if (image.loading === undefined)
        throw new FrugalError("internal", "The template did not tell what it loaded");
      const { environmentReads } = image.loading;
      const read = Object.entries(spec.environment).filter(([name]) => name in environmentReads);
      if (read.some(([name]) => !(name in variables))) {
        await catalogue.discard(staging);
        return { ...variables, ...Object.fromEntries(read) };
      }
      const content = await phases.contentOf(image.loading, spec);
      const key = this.#keyOf("dependencies", contentName(content));
      await this.#commit(staging, { kind: "dependencies", key, phase: content }, image);
      return undefined;
    } catch (error) {
      await catalogue.discard(staging);
      throw error;
    }
  }

  async #make(making: Making, goal: TemplateGoal): Promise<TemplateImage> {
    const { catalogue } = this.#parts;
    this.#checkStopped();
    const staging = await catalogue.begin();
    try {
      const image = await this.#image(goal, staging);
      await this.#commit(staging, making, image);
      return image;
    } catch (error) {
      await catalogue.discard(staging);
      throw error;
    }
  }

  #image(goal: TemplateGoal, folder: string): Promise<TemplateImage> {
    const { runtime, clock, units } = this.#parts;
    const own = this.#ownSpec();
    // What functions share must not hold one function's secrets.
    const spec = goal.kind === "function" ? own : { ...own, environment: {} };
    return makeImage({ spec, runtime, clock, units, launched: this.#launched }, goal, folder);
  }

  async #commit(staging: string, { kind, key, phase }: Making, image: TemplateImage): Promise<void> {
    this.#checkStopped();
    await this.#parts.catalogue.commit(staging, {
      kind,
      functions: [this.#parts.spec.function],
      key: { ...key },
      pids: [...image.pids],
      sockets: [...image.sockets],
      ...(image.connections.length > 0 && { connections: [...image.connections] }),
      external: [],
      measured: { dumpMilliseconds: dumpMilliseconds(image), restoreMilliseconds: [] },
      ...(phase !== undefined && { phase }),
    });
  }

  #keyOf(kind: SnapshotKind, content?: string): SnapshotKey {
    const { spec, runtime, units, identity } = this.#parts;
    return identity.keyOf(kind, spec, templatePlan(runtime, spec, units.isolation, kind), content);
  }

  /** A unit of its own for each template and clone. */
  #ownSpec(): InstanceSpec {
    const { spec } = this.#parts;
    return { ...spec, id: `${spec.id}-${++this.#units}` };
  }

  readonly #launched = (unit: Unit): void => {
    this.#earlierCpu = this.cpuTime() ?? this.#earlierCpu;
    this.#unit = unit;
    if (this.#isStopped) unit.kill();
  };

  #checkStopped(): void {
    if (this.#isStopped) throw new FrugalError("shutting-down", "the build was stopped");
  }
}
