/**
 * A sandbox whose instances do what the test tells them, when it tells them.
 */
import {
  FrugalError,
  milliseconds,
  type Seconds,
  seconds,
  type StartPhases,
  type StartWish,
} from "@frugal/core";
import type {
  Instance,
  InstanceEnd,
  InstanceListener,
  InstanceSpec,
  InvokeOutcome,
  InvokeRequest,
  Isolation,
  Sandbox,
  Snapshots,
} from "@frugal/sandbox";

export class FakeInstance implements Instance {
  readonly spec: InstanceSpec;
  readonly listener: InstanceListener;
  readonly running = new Map<string, (outcome: InvokeOutcome) => void>();
  cpu: Seconds = seconds(0);
  isStopped = false;

  constructor(spec: InstanceSpec, listener: InstanceListener) {
    this.spec = spec;
    this.listener = listener;
  }

  invoke(request: InvokeRequest, done: (outcome: InvokeOutcome) => void): void {
    this.running.set(request.requestId, done);
  }

  ready(
    phases: StartPhases = {
      unit: milliseconds(5),
      restore: milliseconds(0),
      runtime: milliseconds(40),
      init: milliseconds(10),
    },
  ): void {
    this.listener.ready({ kind: "boot", phases, cpu: undefined });
  }

  finish(requestId: string, outcome: InvokeOutcome): void {
    const done = this.running.get(requestId);
    this.running.delete(requestId);
    done?.(outcome);
  }

  /** Answers the invocation with `text`. */
  succeed(requestId: string, text: string, cpu: Seconds = milliseconds(1)): void {
    this.cpu = seconds(this.cpu + cpu);
    this.finish(requestId, { kind: "success", payload: Buffer.from(text), cpu, pageFaults: undefined });
  }

  /** It dies: everything that it runs is lost. */
  die(end: InstanceEnd = { kind: "lost", error: { code: "function-crashed", message: "died" } }): void {
    const error = end.kind === "stopped" ? { code: "shutting-down" as const, message: "stopped" } : end.error;
    for (const requestId of [...this.running.keys()]) this.finish(requestId, { kind: "lost", error });
    this.listener.ended(end);
  }

  stop(): void {
    if (this.isStopped) return;
    this.isStopped = true;
    queueMicrotask(() => {
      this.die({ kind: "stopped" });
    });
  }

  cpuTime(): Seconds {
    return this.cpu;
  }

  perfFolder(): undefined {
    return undefined;
  }
}

export class FakeSandbox implements Sandbox {
  readonly isolation: Isolation = { kind: "unisolated", reason: "it is a fake" };
  readonly limitations = [];
  readonly canPin = true;
  readonly snapshots: Snapshots | undefined;
  readonly snapshotProblem = "it is a fake";
  readonly instances: FakeInstance[] = [];
  /** How each was to be started. */
  readonly wishes: (StartWish | undefined)[] = [];
  /** Set to make the next start throw. */
  problem: Error | undefined;

  constructor(snapshots?: Snapshots) {
    this.snapshots = snapshots;
  }

  runtimeProblem(): string | undefined {
    return undefined;
  }

  start(spec: InstanceSpec, listener: InstanceListener, wish?: StartWish): Instance {
    if (this.problem !== undefined) throw this.problem;
    this.wishes.push(wish);
    const instance = new FakeInstance(spec, listener);
    this.instances.push(instance);
    return instance;
  }

  close(): Promise<void> {
    this.problem = new FrugalError("shutting-down", "The sandbox is closed and starts no more instances");
    for (const instance of this.instances) if (!instance.isStopped) instance.die({ kind: "stopped" });
    return Promise.resolve();
  }

  /** The instance started last. */
  get latest(): FakeInstance {
    const instance = this.instances.at(-1);
    if (instance === undefined) throw new Error("no instance was started");
    return instance;
  }
}
