/**
 * The steps of runs: what a run asks of the world outside it. Each has one outcome, unless it is withdrawn.
 */
import { randomUUID } from "node:crypto";
import type { FlowCommand, StepOutcome, WorkflowFault } from "@frugal/control";
import { type Clock, messageOf, minus, type Seconds } from "@frugal/core";
import type { Platform } from "../../platform/platform.ts";
import { functionArn } from "../../registry/function-arn.ts";
import { payloadLimit } from "../../registry/limits.ts";
import type { StageEntry } from "../store/run.ts";
import type { ActiveRun } from "../runner/active-run.ts";
import { withoutEnergy } from "../runner/energy-sum.ts";
import { invocationFacts, outcomeOf, withoutInvocation } from "./function-step.ts";
import { addressOf } from "./http-request.ts";
import { callHttp } from "./http-step.ts";
import type { HttpLimits } from "../runner/runner-options.ts";
import { faultOf } from "./step-faults.ts";

type Invoke = Extract<FlowCommand, { kind: "invoke" }>;
type CallHttp = Extract<FlowCommand, { kind: "call-http" }>;
export type RunWorkflow = Extract<FlowCommand, { kind: "run-workflow" }>;
export type StepCommand = Invoke | CallHttp | RunWorkflow;

/** What a step left behind: its outcome, and its entry in the run's history. */
export interface StepEnd {
  readonly outcome: StepOutcome;
  readonly entry: StageEntry;
}

export interface StepParts {
  readonly platform: Pick<Platform, "invoke">;
  readonly clock: Clock;
  readonly http: HttpLimits;
  /** Seconds since 1970 at the monotonic time `now`. */
  readonly wallTime: (now: Seconds) => Seconds;
}

/** A step that has begun. */
interface Begun {
  readonly command: StepCommand;
  readonly target: string;
  readonly at: Seconds;
}

type Facts = Pick<
  StageEntry,
  "wait" | "duration" | "budget" | "slack" | "core" | "uncore" | "clocks" | "energy" | "startKind"
>;

export class Steps {
  readonly #parts: StepParts;

  constructor(parts: StepParts) {
    this.#parts = parts;
  }

  /** `done` is told the end, unless the step is withdrawn before: what this returns does that. */
  invoke(run: ActiveRun, command: Invoke, done: (end: StepEnd) => void): () => void {
    const begun = this.begin(command, command.function);
    const payload = Buffer.from(JSON.stringify(command.payload));
    const stage = run.stages.get(command.task);
    const { id } = run.beginning;
    const failSoon = (fault: WorkflowFault): (() => void) => {
      queueMicrotask(() =>
        done(this.end(begun, { kind: "fault", fault }, factsWithEnergy(withoutEnergy.notExecuted))),
      );
      return () => undefined;
    };
    if (payload.length > payloadLimit)
      return failSoon(
        faultOf(
          "runtime",
          413,
          "Payload too large",
          `The payload of ${command.function} has ${payload.length} bytes; ${payloadLimit} are allowed`,
        ),
      );
    try {
      return this.#parts.platform.invoke(
        command.function,
        { requestId: randomUUID(), payload, functionArn: functionArn(command.function) },
        (result) => {
          const outcome = outcomeOf(result);
          if (outcome !== undefined) done(this.end(begun, outcome, invocationFacts(result)));
        },
        stage === undefined ? {} : { stage: { run: id, stage } },
      );
    } catch (error) {
      return failSoon(faultOf("runtime", 500, "A fault of Frugal", messageOf(error)));
    }
  }

  callHttp(command: CallHttp, done: (end: StepEnd) => void): () => void {
    const begun = this.begin(command, addressOf(command.call.url));
    const { clock, http } = this.#parts;
    return callHttp(command.call, { limits: http, clock }, (outcome) =>
      done(this.end(begun, outcome, factsWithEnergy(withoutEnergy.elsewhere))),
    );
  }

  begin(command: StepCommand, target: string): Begun {
    return { command, target, at: this.#parts.clock.now() };
  }

  end({ command, target, at }: Begun, outcome: StepOutcome, facts: Facts): StepEnd {
    const { kind, task, execution } = command;
    const { clock, wallTime } = this.#parts;
    const entry: StageEntry = {
      task,
      name: nameOf(task),
      kind,
      target,
      execution,
      startedAt: wallTime(at),
      latency: minus(clock.now(), at),
      ...facts,
      fault: outcome.kind === "fault" ? outcome.fault : undefined,
    };
    return { outcome, entry };
  }
}

export const factsWithEnergy = (energy: StageEntry["energy"]): Facts => ({ ...withoutInvocation, energy });

/** The task's own name: the last part of its JSON pointer. */
const nameOf = (pointer: string): string =>
  pointer
    .slice(pointer.lastIndexOf("/") + 1)
    .replaceAll("~1", "/")
    .replaceAll("~0", "~");
