import { FrugalError } from "@frugal/core";
import { deferred } from "../src/unit/deferred.ts";
import type { LanguageRuntime, RuntimeListener, RuntimeSession } from "../src/runtime/language-runtime.ts";
import type { InstanceSpec } from "../src/instance-spec.ts";
import type { InvocationUsage } from "../src/sandbox.ts";
import type { Unit, UnitSpec } from "../src/unit/unit.ts";
import { unitSpec } from "./unit-spec.ts";

/** What an invocation has used, where nobody can tell. */
export const unknownUsage: InvocationUsage = { cpu: undefined, pageFaults: undefined };

/** A runtime that executes nothing; the test speaks for it. */
export class FakeRuntime implements LanguageRuntime {
  readonly outOfMemoryMark = "out of heap";
  /** The numbers of the invocations it was given. */
  readonly invoked: number[] = [];
  /** What else. */
  readonly asked: string[] = [];
  #listener: RuntimeListener | undefined;
  #drained = deferred<undefined>();

  get says(): RuntimeListener {
    if (this.#listener === undefined) throw new FrugalError("internal", "The runtime is not connected");
    return this.#listener;
  }

  /** It has said everything. */
  drain(): void {
    this.#drained.resolve(undefined);
  }

  problem(): undefined {
    return undefined;
  }

  handlerProblem(): undefined {
    return undefined;
  }

  plan({ id, environment }: InstanceSpec): UnitSpec {
    return unitSpec(["/bin/true"], { id, environment });
  }

  connect(_unit: Unit, _spec: unknown, listener: RuntimeListener): RuntimeSession {
    this.#listener = listener;
    return {
      invoke: (number) => this.invoked.push(number),
      quiesce: () => this.asked.push("quiesce"),
      resume: (environment) => this.asked.push(`resume ${JSON.stringify(environment)}`),
      load: ({ environment, modules }) =>
        this.asked.push(`load ${modules?.join() ?? JSON.stringify(environment)}`),
      drained: async () => {
        await this.#drained.promise;
      },
      close: () => undefined,
    };
  }
}
