/**
 * A platform without instances: functions are what a test says they do.
 */
import type { PaceEvent, PacePlan } from "@frugal/control";
import {
  type FunctionName,
  joules,
  milliseconds,
  seconds,
  type StageCall,
  type StartKind,
  type StartWish,
  type WorkflowDeadline,
  type WorkflowGraph,
} from "@frugal/core";
import type { InvokeRequest } from "@frugal/sandbox";
import type { InvocationObserver } from "../src/metrics/invocation-observer.ts";
import type {
  FunctionStatistics,
  InvocationResult,
  InvokeHow,
  Platform,
  PlatformStatistics,
} from "../src/platform/platform.ts";
import type { FunctionDefinition } from "../src/registry/definition.ts";

type Executed = InvocationResult & { readonly kind: "executed" };
export type Answer = Executed["outcome"] | (InvocationResult & { readonly kind: "refused" });
export type Behaviour = (request: InvokeRequest, done: (answer: Answer) => void) => void;

export const success = (value: unknown): Answer => ({
  kind: "success",
  payload: Buffer.from(JSON.stringify(value)),
  cpu: milliseconds(2),
  pageFaults: undefined,
});

const echo: Behaviour = (request, done) =>
  done({ kind: "success", payload: request.payload, cpu: milliseconds(2), pageFaults: undefined });

export class FakePlatform implements Platform {
  readonly deployed = new Map<string, FunctionDefinition>();
  readonly invoked: InvokeRequest[] = [];
  readonly observers: InvocationObserver[] = [];
  /** What the next `deploy` throws. */
  refusal: Error | undefined;
  withdrawn = 0;
  invocations = 0;
  start: Executed["start"] = "warm";
  /** Of cold starts without a wish. */
  startKind: StartKind = "boot";
  readonly wishes: (StartWish | undefined)[] = [];
  /** Stages that invocations were, in the order of `invoked`. */
  readonly stages: (StageCall | undefined)[] = [];
  /** What the control plane was told of workflows. */
  readonly paced: PaceEvent[] = [];
  energy: Executed["energy"] = {
    kind: "energy",
    joules: joules(0.25),
    source: "model",
    quality: "estimated",
    interval: milliseconds(12.5),
    detail: "a test's model",
  };
  /** How invocations are paced. */
  paceFacts: Executed["pace"];
  readonly #behaviours = new Map<string, Behaviour>();

  /** What `name` does from now on; functions echo their payload until told otherwise. */
  behave(name: string, behaviour: Behaviour): void {
    this.#behaviours.set(name, behaviour);
  }

  deploy(definition: FunctionDefinition): void {
    if (this.refusal !== undefined) throw this.refusal;
    this.deployed.set(definition.name, definition);
  }

  remove(name: FunctionName): void {
    this.deployed.delete(name);
  }

  invoke(
    name: FunctionName,
    request: InvokeRequest,
    done: (result: InvocationResult) => void,
    { wish, stage }: InvokeHow = {},
  ): () => void {
    this.invoked.push(request);
    this.wishes.push(wish);
    this.stages.push(stage);
    this.invocations++;
    const definition = this.deployed.get(name);
    let isOpen = true;
    (this.#behaviours.get(name) ?? echo)(request, (answer) => {
      if (!isOpen) return;
      isOpen = false;
      const result = this.#resultOf(request, answer, wish);
      if (definition !== undefined)
        for (const observer of this.observers) observer.observe(definition, result);
      done(result);
    });
    return () => {
      if (isOpen) this.withdrawn++;
      isOpen = false;
    };
  }

  /** What a workflow's deadline comes to. */
  planOf: (graph: WorkflowGraph, deadline: WorkflowDeadline) => PacePlan | undefined = () => undefined;

  plan(graph: WorkflowGraph, deadline: WorkflowDeadline): PacePlan | undefined {
    return this.planOf(graph, deadline);
  }

  pace(event: PaceEvent): void {
    this.paced.push(event);
  }

  statistics(): PlatformStatistics {
    return {
      functions: [...this.deployed.values()].map((definition) => this.#statisticsOf(definition)),
      energy: {
        total: { ...this.energy, ...(this.energy.kind === "energy" ? { joules: joules(10) } : {}) },
        idle: { joules: joules(6), staticJoules: joules(5), otherProcessesJoules: joules(1) },
        functionsJoules: joules(4),
      },
    };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #resultOf(request: InvokeRequest, answer: Answer, wish: StartWish | undefined): InvocationResult {
    if (answer.kind === "refused") return answer;
    const isCold = wish !== undefined || this.start === "cold";
    const startKind = isCold ? (wish?.kind ?? this.startKind) : undefined;
    return {
      kind: "executed",
      requestId: request.requestId,
      outcome: answer,
      start: isCold ? "cold" : "warm",
      startKind,
      startEnergy: isCold ? { kind: "unavailable", reason: "a fake uses none" } : undefined,
      phases: isCold
        ? {
            unit: milliseconds(10),
            restore: milliseconds(startKind === "boot" ? 0 : 15),
            runtime: milliseconds(20),
            init: milliseconds(30),
          }
        : undefined,
      wait: milliseconds(1.5),
      duration: milliseconds(12.5),
      energy: this.energy,
      pace: this.paceFacts,
      counters: { cpuSeconds: 0.002 },
    };
  }

  #statisticsOf({ name }: FunctionDefinition): FunctionStatistics {
    return {
      name,
      instances: { starting: 0, idle: 1, busy: 0 },
      waiting: 0,
      invocations: this.invocations,
      errors: 0,
      refused: 0,
      coldStarts: 0,
      cpu: seconds(0.5),
      energy: this.energy,
    };
  }
}
