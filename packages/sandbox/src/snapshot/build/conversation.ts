/**
 * A unit and its runtime as who makes snapshots talks to them: one question at a time, each with its answer or the reason
 * why there is none. Nobody else sees this instance, and its output is dropped.
 */
import { randomUUID } from "node:crypto";
import { type Clock, FrugalError, minus, plus, type Seconds, seconds } from "@frugal/core";
import type {
  LanguageRuntime,
  LoadingReport,
  RuntimeListener,
  RuntimeSession,
  UnansweredRequest,
} from "../../runtime/language-runtime.ts";
import type { InstanceSpec } from "../../instance-spec.ts";
import type { FunctionError, InvokeRequest } from "../../sandbox.ts";
import { type Deferred, deferred } from "../../unit/deferred.ts";
import type { Unit, UnitExit } from "../../unit/unit.ts";

type Step = "ready" | "quiesced" | "resumed" | "loaded" | "invoked";

/** When a step was taken, on the clock. */
type StepTime = Seconds;

export interface ConversationParts {
  readonly spec: InstanceSpec;
  readonly unit: Unit;
  readonly runtime: LanguageRuntime;
  readonly clock: Clock;
  /** Whether it is up, and ready, as soon as its language runtime is. */
  readonly isRuntimeOnly: boolean;
}

export class Conversation {
  readonly #unit: Unit;
  readonly #spec: InstanceSpec;
  readonly #clock: Clock;
  readonly #isRuntimeOnly: boolean;
  readonly #session: RuntimeSession;
  readonly #steps = new Map<Step, Deferred<StepTime>>();
  #loading: LoadingReport | undefined;
  #failure: FrugalError | undefined;
  #invocations = 0;
  #lastOutput = "";

  constructor({ spec, unit, runtime, clock, isRuntimeOnly }: ConversationParts) {
    this.#unit = unit;
    this.#spec = spec;
    this.#clock = clock;
    this.#isRuntimeOnly = isRuntimeOnly;
    this.#session = runtime.connect(unit, spec, this.#listener());
    unit.stdout.on("error", ignore).resume();
    unit.stderr.on("error", ignore).on("data", (chunk: Buffer) => {
      this.#lastOutput = (this.#lastOutput + chunk.toString("utf8")).slice(-1000);
    });
    void unit.exited.then((exit) => this.#fail(endReason(exit, this.#lastOutput)));
  }

  /** What loading the function involved, once it is ready. */
  get loading(): LoadingReport | undefined {
    return this.#loading;
  }

  /** What a template at rest waits for an answer to. */
  get unanswered(): UnansweredRequest | undefined {
    return this.#session.unanswered;
  }

  /** Resolves when a template that boots takes invocations, or where it is a runtime only, what to load. */
  ready(within: Seconds): Promise<StepTime> {
    return this.#await("ready", within);
  }

  /** Resolves when the clone is distinct and takes invocations. */
  resume(environment: Readonly<Record<string, string>>, within: Seconds): Promise<StepTime> {
    this.#session.resume(environment);
    return this.#await("resumed", within);
  }

  loadModules(
    modules: readonly string[],
    environment: Readonly<Record<string, string>>,
    within: Seconds,
  ): Promise<StepTime> {
    this.#session.load({ environment, modules, isTraced: true });
    return this.#await("loaded", within);
  }

  /** Resolves when it may be dumped. */
  quiesce(within: Seconds): Promise<StepTime> {
    this.#session.quiesce();
    return this.#await("quiesced", within);
  }

  /** Resolves when the invocation has an outcome, also where that is an error of the function. */
  invoke(payload: Uint8Array, within: Seconds): Promise<StepTime> {
    this.#session.invoke(++this.#invocations, requestOf(this.#spec, payload), within);
    return this.#await("invoked", within);
  }

  /** Ends the unit and lets go of it; resolves when nothing of it is left. */
  async end(): Promise<void> {
    this.#unit.kill();
    await this.#unit.exited;
    this.#session.close();
    this.#unit.stdout.destroy();
    this.#unit.stderr.destroy();
  }

  #await(step: Step, within: Seconds): Promise<StepTime> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const awaited = this.#stepOf(step);
    const cancel = this.#clock.at(plus(this.#clock.now(), within), () =>
      this.#fail(`it took longer than ${within} s until it was ${step}`),
    );
    return awaited.promise.finally(() => {
      cancel();
      this.#steps.delete(step);
    });
  }

  #stepOf(step: Step): Deferred<StepTime> {
    let found = this.#steps.get(step);
    if (found === undefined) {
      this.#steps.set(step, (found = deferred<StepTime>()));
      found.promise.catch(ignore);
    }
    return found;
  }

  #reach(step: Step, age: Seconds): void {
    this.#stepOf(step).resolve(minus(this.#clock.now(), age));
  }

  #fail(reason: string): void {
    this.#failure ??= new FrugalError("snapshot-unusable", reason);
    for (const step of this.#steps.values()) step.reject(this.#failure);
  }

  #listener(): RuntimeListener {
    const invoked = (): void => this.#reach("invoked", seconds(0));
    return {
      started: (age) => {
        if (this.#isRuntimeOnly) this.#reach("ready", age);
      },
      ready: (age) => this.#reach("ready", age),
      initFailed: (error) => this.#fail(`its initialisation failed: ${inWords(error)}`),
      succeeded: invoked,
      failed: invoked,
      uncaught: (_number, error) => this.#fail(`it ended with an uncaught error: ${inWords(error)}`),
      wrote: ignore,
      dropped: ignore,
      quiesced: (age) => this.#reach("quiesced", age),
      resumed: (age) => this.#reach("resumed", age),
      hookFailed: (error) => this.#fail(inWords(error)),
      loaded: (age) => this.#reach("loaded", age),
      loading: (report) => {
        this.#loading = report;
      },
      hungUp: ignore,
      broken: (error) => this.#fail(error.message),
    };
  }
}

const ignore = (): void => undefined;

const inWords = ({ errorType, errorMessage }: FunctionError): string => `${errorType}: ${errorMessage}`;

function endReason(exit: UnitExit, output: string): string {
  if ("reason" in exit) return exit.reason;
  const said = output.trim() === "" ? "" : `; it wrote: ${output.trim()}`;
  switch (exit.kind) {
    case "exited":
      return `its process ended with exit code ${exit.code}${said}`;
    case "signalled":
      return `its process ended with signal ${exit.signal}${said}`;
    case "out-of-memory":
      return "it used more memory than its limit";
    default:
      return exit satisfies never;
  }
}

const requestOf = ({ function: name }: InstanceSpec, payload: Uint8Array): InvokeRequest => ({
  requestId: randomUUID(),
  payload,
  functionArn: `arn:aws:lambda:frugal:000000000000:function:${name}`,
});
