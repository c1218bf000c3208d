import { FrugalError } from "@frugal/core";
import { deferred } from "../src/unit/deferred.ts";
import type { LanguageRuntime, RuntimeListener, RuntimeSession } from "../src/runtime/language-runtime.ts";
import type { Unit } from "../src/unit/unit.ts";

/** A runtime that executes nothing; the test speaks for it. */
export class FakeRuntime implements LanguageRuntime {
  readonly outOfMemoryMark = "out of heap";
  /** The numbers of the invocations it was given. */
  readonly invoked: number[] = [];
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

  plan(): never {
    throw new FrugalError("internal", "Nothing is launched with this runtime");
  }

  connect(_unit: Unit, _spec: unknown, listener: RuntimeListener): RuntimeSession {
    this.#listener = listener;
    return {
      invoke: (number) => this.invoked.push(number),
      drained: async () => {
        await this.#drained.promise;
      },
      close: () => undefined,
    };
  }
}
