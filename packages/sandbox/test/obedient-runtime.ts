import { seconds } from "@frugal/core";
import type {
  LanguageRuntime,
  LoadingReport,
  LoadRequest,
  RuntimeListener,
  RuntimeSession,
  Template,
} from "../src/runtime/language-runtime.ts";
import type { InstanceSpec } from "../src/instance-spec.ts";
import type { Isolation, Unit, UnitSpec } from "../src/unit/unit.ts";
import { unknownUsage } from "./fake-runtime.ts";
import { FakeUnit } from "./fake-unit.ts";
import { unitSpec } from "./unit-spec.ts";

export type RuntimeStep = "start" | "invoke" | "quiesce" | "resume" | "load";

const now = seconds(0);
const error = { errorType: "Error", errorMessage: "as the test wants" };

/** A runtime that does at once what it is asked to, but for one step. */
export class ObedientRuntime implements LanguageRuntime {
  readonly outOfMemoryMark = undefined;
  /** All steps of all units, in order. */
  readonly steps: RuntimeStep[] = [];
  readonly payloads: string[] = [];
  readonly loads: LoadRequest[] = [];
  readonly resumed: Readonly<Record<string, string>>[] = [];
  /** What loading the function involves. */
  loading: LoadingReport = { files: [], environmentReads: {}, absences: [] };
  /** Fails in the way that the runtimes have for it. */
  failsAt: RuntimeStep | undefined;
  /** Says nothing, for ever. */
  hangsAt: RuntimeStep | undefined;
  /** Called in front of each step. */
  before: (step: RuntimeStep, unit: Unit) => void = () => undefined;

  problem(): undefined {
    return undefined;
  }

  handlerProblem(): undefined {
    return undefined;
  }

  plan(spec: InstanceSpec, _isolation: Isolation, template?: Template): UnitSpec {
    return unitSpec(["/bin/true"], {
      id: spec.id,
      environment: {
        ...spec.environment,
        _HANDLER: spec.handler,
        ...(template !== undefined && { FRUGAL_TEMPLATE: template }),
      },
    });
  }

  connect(unit: Unit, _spec: InstanceSpec, listener: RuntimeListener): RuntimeSession {
    const take = (step: RuntimeStep, done: () => void, failed: () => void): void => {
      this.steps.push(step);
      this.before(step, unit);
      if (this.hangsAt === step) return;
      queueMicrotask(this.failsAt === step ? failed : done);
    };
    const started = (): void => {
      listener.started(now);
      listener.loading(this.loading);
      listener.ready(now);
    };
    // A clone goes on where its template was dumped.
    const isClone = unit instanceof FakeUnit && unit.isClone;
    unit.launched.then(
      () => !isClone && take("start", started, () => listener.initFailed(error)),
      () => undefined,
    );
    return {
      invoke: (number, { payload }) => {
        this.payloads.push(Buffer.from(payload).toString());
        const done = (): void => listener.succeeded(number, Buffer.from("1"), unknownUsage);
        take("invoke", done, () => listener.uncaught(number, error));
      },
      quiesce: () =>
        take(
          "quiesce",
          () => listener.quiesced(now),
          () => listener.hookFailed(error),
        ),
      resume: (environment) => {
        this.resumed.push(environment);
        take(
          "resume",
          () => listener.resumed(now),
          () => listener.hookFailed(error),
        );
      },
      load: (request) => {
        this.loads.push(request);
        const loaded = (): void => {
          listener.loading(this.loading);
          if (request.modules === undefined) listener.ready(now);
          else listener.loaded(now);
        };
        take("load", loaded, () => listener.initFailed(error));
      },
      drained: () => Promise.resolve(),
      close: () => undefined,
    };
  }
}
