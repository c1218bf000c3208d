import { seconds } from "@frugal/core";
import { buildNativePrograms } from "../src/native/native-programs.ts";
import { NodejsRuntime } from "../src/runtime/nodejs/nodejs-runtime.ts";
import { Python3Runtime } from "../src/runtime/python3/python3-runtime.ts";
import type {
  LoadingReport,
  RuntimeListener,
  RuntimeSession,
  Template,
} from "../src/runtime/language-runtime.ts";
import type { FunctionError } from "../src/sandbox.ts";
import { PlainUnitFactory } from "../src/unit/plain/plain-unit-factory.ts";
import type { Unit, UnitExit } from "../src/unit/unit.ts";
import { instanceSpec } from "./instance-spec.ts";

export type RuntimeEvent =
  | { readonly kind: "started" | "ready" | "quiesced" | "resumed" | "loaded" | "hung up" }
  | { readonly kind: "init failed" | "hook failed"; readonly error: FunctionError }
  | { readonly kind: "loading"; readonly report: LoadingReport }
  | { readonly kind: "result"; readonly value: unknown };

const runtimes = { nodejs: new NodejsRuntime(), python3: new Python3Runtime() };

/** A process of a language runtime in a plain unit, and the conversation with it: what it says is had one by one. */
export class RuntimeDriver {
  readonly session: RuntimeSession;
  /** As it was started with. */
  readonly environment: Readonly<Record<string, string>>;
  readonly #unit: Unit;
  readonly #heard: RuntimeEvent[] = [];
  readonly #waiting: ((event: RuntimeEvent) => void)[] = [];

  static async start(
    runtime: keyof typeof runtimes,
    template: Template | undefined,
    changes: { readonly codeDirectory: string; readonly environment?: Readonly<Record<string, string>> },
  ): Promise<RuntimeDriver> {
    await buildNativePrograms();
    return new RuntimeDriver(runtime, template, changes);
  }

  private constructor(
    runtime: keyof typeof runtimes,
    template: Template | undefined,
    changes: Parameters<typeof instanceSpec>[0],
  ) {
    const spec = instanceSpec({ runtime, ...changes });
    const units = new PlainUnitFactory("a test");
    const plan = runtimes[runtime].plan(spec, units.isolation, template);
    this.environment = plan.environment;
    this.#unit = units.launch(plan);
    this.session = runtimes[runtime].connect(this.#unit, spec, this.#listener());
  }

  /** What it says next. */
  next(): Promise<RuntimeEvent> {
    const heard = this.#heard.shift();
    return heard === undefined
      ? new Promise((resolve) => this.#waiting.push(resolve))
      : Promise.resolve(heard);
  }

  /** What it says until an event of `kind`, and that. */
  async until(kind: RuntimeEvent["kind"]): Promise<readonly RuntimeEvent[]> {
    const events = [await this.next()];
    while (events.at(-1)?.kind !== kind && events.at(-1)?.kind !== "hung up") events.push(await this.next());
    return events;
  }

  /** The result of an invocation. */
  async call(event: unknown, traceId?: string): Promise<unknown> {
    const payload = Buffer.from(JSON.stringify(event));
    const request = {
      requestId: "r",
      functionArn: "arn",
      payload,
      ...(traceId !== undefined && { traceId }),
    };
    this.session.invoke(1, request, seconds(10));
    const result = await this.next();
    return result.kind === "result" ? result.value : result;
  }

  async stop(): Promise<UnitExit> {
    this.#unit.kill();
    return await this.#unit.exited;
  }

  get exited(): Promise<UnitExit> {
    return this.#unit.exited;
  }

  #listener(): RuntimeListener {
    const say = (event: RuntimeEvent): void => {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#heard.push(event);
      else waiting(event);
    };
    return {
      started: () => say({ kind: "started" }),
      ready: () => say({ kind: "ready" }),
      quiesced: () => say({ kind: "quiesced" }),
      resumed: () => say({ kind: "resumed" }),
      loaded: () => say({ kind: "loaded" }),
      hungUp: () => say({ kind: "hung up" }),
      initFailed: (error) => say({ kind: "init failed", error }),
      hookFailed: (error) => say({ kind: "hook failed", error }),
      loading: (report) => say({ kind: "loading", report }),
      succeeded: (_, payload) =>
        say({ kind: "result", value: JSON.parse(Buffer.from(payload).toString()) as unknown }),
      failed: (_, error) => say({ kind: "result", value: error }),
      uncaught: () => undefined,
      wrote: () => undefined,
      dropped: () => undefined,
      broken: (error) => say({ kind: "result", value: error }),
    };
  }
}
