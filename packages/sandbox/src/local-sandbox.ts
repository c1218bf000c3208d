/**
 * The sandbox of this machine: instances on the units of one factory.
 *
 * A specification that cannot work (no such runtime, no such handler, no code) ends as a failed start with the reason,
 * like any other failed start, before anything is launched.
 */
import { existsSync } from "node:fs";
import { type Clock, type ErrorReport, FrugalError, messageOf, type Runtime } from "@frugal/core";
import { hostArchitecture } from "./host/architecture.ts";
import {
  architectureWrong,
  codeMissing,
  handlerWrong,
  runtimeMissing,
  unitFailed,
} from "./instance/end-errors.ts";
import { LocalInstance } from "./instance/local-instance.ts";
import type { LanguageRuntime } from "./runtime/language-runtime.ts";
import { NodejsRuntime } from "./runtime/nodejs/nodejs-runtime.ts";
import { ProvidedRuntime } from "./runtime/provided/provided-runtime.ts";
import { Python3Runtime } from "./runtime/python3/python3-runtime.ts";
import type { Instance, InstanceListener, InstanceSpec, Sandbox } from "./sandbox.ts";
import type { Isolation, Unit, UnitFactory } from "./unit/unit.ts";

export class LocalSandbox implements Sandbox {
  readonly #units: UnitFactory;
  readonly #clock: Clock;
  readonly #living = new Set<Instance>();
  readonly #runtimes: Readonly<Record<Runtime, LanguageRuntime>> = {
    nodejs: new NodejsRuntime(),
    python3: new Python3Runtime(),
    provided: new ProvidedRuntime(),
  };
  #closed = false;
  #allEnded: (() => void) | undefined;

  /** Takes over `units`: they are closed with the sandbox. */
  constructor({ units, clock }: { readonly units: UnitFactory; readonly clock: Clock }) {
    this.#units = units;
    this.#clock = clock;
  }

  get isolation(): Isolation {
    return this.#units.isolation;
  }

  get limitations(): readonly string[] {
    return this.#units.limitations;
  }

  runtimeProblem(runtime: Runtime): string | undefined {
    return this.#runtimes[runtime].problem();
  }

  start(spec: InstanceSpec, listener: InstanceListener): Instance {
    if (this.#closed)
      throw new FrugalError("shutting-down", "The sandbox is closed and starts no more instances");
    const begun = this.#clock.now();
    const launch = this.#launch(spec);
    if ("error" in launch) return failedInstance(launch.error, listener);
    const instance = new LocalInstance({
      spec,
      unit: launch.unit,
      runtime: this.#runtimes[spec.runtime],
      clock: this.#clock,
      begun,
      listener: {
        ready: (phases) => listener.ready(phases),
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
    await this.#units.close();
  }

  #launch(spec: InstanceSpec): { readonly unit: Unit } | { readonly error: ErrorReport } {
    const runtime = this.#runtimes[spec.runtime];
    const missing = runtime.problem();
    if (missing !== undefined) return { error: runtimeMissing(spec, missing) };
    if (!spec.architectures.includes(hostArchitecture))
      return { error: architectureWrong(spec, hostArchitecture) };
    if (!existsSync(spec.codeDirectory)) return { error: codeMissing(spec) };
    const wrong = runtime.handlerProblem(spec);
    if (wrong !== undefined) return { error: handlerWrong(spec, wrong) };
    try {
      return { unit: this.#units.launch(runtime.plan(spec, this.#units.isolation)) };
    } catch (error) {
      return { error: error instanceof FrugalError ? error.toReport() : unitFailed(spec, messageOf(error)) };
    }
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
  };
}
