import type { FunctionName, Seconds, StartKind, StartOffer } from "@frugal/core";
import type {
  Build,
  BuildResult,
  InstanceSpec,
  SnapshotDetails,
  Snapshots,
  SnapshotSummary,
  WarmUp,
} from "@frugal/sandbox";

export class FakeBuild implements Build {
  readonly spec: InstanceSpec;
  readonly warmUp: WarmUp;
  readonly done: Promise<BuildResult>;
  isStopped = false;
  cpu: Seconds | undefined;
  #resolve: (result: BuildResult) => void = () => undefined;

  constructor(spec: InstanceSpec, warmUp: WarmUp) {
    this.spec = spec;
    this.warmUp = warmUp;
    this.done = new Promise((resolve) => (this.#resolve = resolve));
  }

  end(result: BuildResult): void {
    this.#resolve(result);
  }

  stop(): void {
    this.isStopped = true;
    this.end({ kind: "stopped" });
  }

  cpuTime(): Seconds | undefined {
    return this.cpu;
  }
}

/** Snapshots of a sandbox, made when a test ends a build. */
export class FakeHostSnapshots implements Snapshots {
  readonly builds: FakeBuild[] = [];
  readonly present = new Map<FunctionName, string>();
  /** Thrown by whatever looks at what there is. */
  problem: Error | undefined;
  #whenRemoved: (functions: readonly string[]) => void = () => undefined;

  offers(spec: InstanceSpec): Promise<readonly StartOffer[]> {
    if (this.problem !== undefined) return Promise.reject(this.problem);
    const kinds: readonly StartKind[] = this.present.has(spec.function) ? ["eager", "lazy", "prefetch"] : [];
    return Promise.resolve(
      kinds.map((kind) => ({ kind, latency: undefined, cpu: undefined, memory: undefined })),
    );
  }

  find(spec: InstanceSpec): string | undefined {
    if (this.problem !== undefined) throw this.problem;
    return this.present.get(spec.function);
  }

  absence(): undefined {
    return undefined;
  }

  build(spec: InstanceSpec, warmUp: WarmUp): FakeBuild {
    const build = new FakeBuild(spec, warmUp);
    this.builds.push(build);
    void build.done.then((result) => {
      if (result.kind === "built") this.present.set(spec.function, result.id);
    });
    return build;
  }

  get latest(): FakeBuild {
    const build = this.builds.at(-1);
    if (build === undefined) throw new Error("nothing was built");
    return build;
  }

  list(): readonly SnapshotSummary[] {
    return [];
  }

  inspect(): Promise<SnapshotDetails | undefined> {
    return Promise.resolve(undefined);
  }

  onRemoval(tell: (functions: readonly string[]) => void): void {
    this.#whenRemoved = tell;
  }

  remove(id: string): Promise<boolean> {
    const [name] = [...this.present].find(([, one]) => one === id) ?? [];
    if (name === undefined) return Promise.resolve(false);
    this.present.delete(name);
    this.#whenRemoved([name, "of another time"]);
    return Promise.resolve(true);
  }
}
