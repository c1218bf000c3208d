/**
 * The sandbox of this machine: instances on the units of one factory.
 *
 * A specification that cannot work (no such runtime, no such handler, no code) ends as a failed start with the reason,
 * like any other failed start, before anything is launched.
 */
import { existsSync } from "node:fs";
import { type Clock, type ErrorReport, FrugalError, type Runtime, type StartWish } from "@frugal/core";
import { hostArchitecture } from "./host/architecture.ts";
import { architectureWrong, codeMissing, handlerWrong, runtimeMissing } from "./instance/end-errors.ts";
import { StartLadder } from "./instance/start-ladder.ts";
import type { LanguageRuntime } from "./runtime/language-runtime.ts";
import { NodejsRuntime } from "./runtime/nodejs/nodejs-runtime.ts";
import { ProvidedRuntime } from "./runtime/provided/provided-runtime.ts";
import { Python3Runtime } from "./runtime/python3/python3-runtime.ts";
import type { InstanceSpec } from "./instance-spec.ts";
import type { Instance, InstanceListener, Sandbox } from "./sandbox.ts";
import type { HostSnapshots } from "./snapshot/host-snapshots.ts";
import type { Isolation, UnitFactory } from "./unit/unit.ts";

const boot: StartWish = { kind: "boot", pooled: true };

export interface LocalSandboxParts {
  readonly units: UnitFactory;
  readonly clock: Clock;
  /** Makes what knows of this host's snapshots; undefined where it can have none, for the reason `snapshotProblem`. */
  readonly snapshots?: (runtimes: Readonly<Record<Runtime, LanguageRuntime>>) => HostSnapshots;
  readonly snapshotProblem?: string | undefined;
}

export class LocalSandbox implements Sandbox {
  readonly #units: UnitFactory;
  readonly #clock: Clock;
  readonly #living = new Set<Instance>();
  readonly #runtimes: Readonly<Record<Runtime, LanguageRuntime>> = {
    nodejs: new NodejsRuntime(),
    python3: new Python3Runtime(),
    provided: new ProvidedRuntime(),
  };
  readonly snapshots: HostSnapshots | undefined;
  readonly snapshotProblem: string | undefined;
  #closed = false;
  #allEnded: (() => void) | undefined;

  /** Takes over `units` and `snapshots`: they are closed with the sandbox. */
  constructor({ units, clock, snapshots, snapshotProblem }: LocalSandboxParts) {
    this.#units = units;
    this.#clock = clock;
    this.snapshots = snapshots?.(this.#runtimes);
    this.snapshotProblem = snapshotProblem;
  }

  get isolation(): Isolation {
    return this.#units.isolation;
  }

  get canPin(): boolean {
    return this.#units.canPin;
  }

  get limitations(): readonly string[] {
    return this.#units.limitations;
  }

  runtimeProblem(runtime: Runtime): string | undefined {
    return this.#runtimes[runtime].problem();
  }

  start(spec: InstanceSpec, listener: InstanceListener, wish: StartWish = boot): Instance {
    if (this.#closed)
      throw new FrugalError("shutting-down", "The sandbox is closed and starts no more instances");
    const error = this.#problemOf(spec);
    if (error !== undefined) return failedInstance(error, listener);
    const instance = new StartLadder({
      spec,
      wish,
      runtime: this.#runtimes[spec.runtime],
      clock: this.#clock,
      units: this.#units,
      snapshots: this.snapshots,
      listener: {
        fellBack: (from, to, reason) => listener.fellBack(from, to, reason),
        ready: (start) => listener.ready(start),
        log: (requestId, stream, text) => listener.log(requestId, stream, text),
        ended: (end) => {
          this.#living.delete(instance);
          listener.ended(end);
          if (this.#living.size === 0) this.#allEnded?.();
        },
      },
    });
    this.#living.add(instance);
    return instance;
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#living.size > 0) {
      const ended = new Promise<void>((resolve) => (this.#allEnded = resolve));
      for (const instance of this.#living) instance.stop();
      await ended;
    }
    await this.snapshots?.close();
    await this.#units.close();
  }

  #problemOf(spec: InstanceSpec): ErrorReport | undefined {
    const runtime = this.#runtimes[spec.runtime];
    const missing = runtime.problem();
    if (missing !== undefined) return runtimeMissing(spec, missing);
    if (!spec.architectures.includes(hostArchitecture)) return architectureWrong(spec, hostArchitecture);
    if (!existsSync(spec.codeDirectory)) return codeMissing(spec);
    const wrong = runtime.handlerProblem(spec);
    return wrong === undefined ? undefined : handlerWrong(spec, wrong);
  }
}

/** An instance that never came to be; its listener hears so after `start` has returned. */
function failedInstance(error: ErrorReport, listener: InstanceListener): Instance {
  let isStopped = false;
  queueMicrotask(() => listener.ended(isStopped ? { kind: "stopped" } : { kind: "start-failed", error }));
  return {
    invoke: (_request, done) => queueMicrotask(() => done({ kind: "lost", error })),
    stop: () => {
      isStopped = true;
    },
    cpuTime: () => undefined,
    perfFolder: () => undefined,
  };
}
