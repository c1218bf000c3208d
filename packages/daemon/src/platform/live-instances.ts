/**
 * The instances of the live platform: started, ended and counted as the control plane says, with the sandbox and, where they
 * are templates, the snapshot desk.
 */
import type { Command, Event } from "@frugal/control";
import {
  type ErrorReport,
  FrugalError,
  type FunctionName,
  type InstanceNumber,
  messageOf,
} from "@frugal/core";
import type {
  InstanceEnd,
  InstanceListener,
  InstanceSpec,
  InvokeOutcome,
  LogStream,
  Sandbox,
} from "@frugal/sandbox";
import type { FunctionDefinition } from "../registry/definition.ts";
import type { FunctionTally } from "./tally/function-tally.ts";
import { LiveInstance } from "./live-instance.ts";
import type { WorkMeter } from "./pace/work-meter.ts";
import type { SnapshotDesk } from "./snapshots/snapshot-desk.ts";

type StartCommand = Extract<Command, { kind: "start-instance" }>;

export interface LiveInstancesParts {
  readonly sandbox: Sandbox;
  readonly desk: SnapshotDesk;
  readonly definitionOf: (name: FunctionName) => FunctionDefinition | undefined;
  /** Undefined where the function was removed. */
  readonly tallyOf: (name: FunctionName) => FunctionTally | undefined;
  /** Undefined where nothing paces the machine. */
  readonly meter: WorkMeter | undefined;
  readonly send: (event: Event) => void;
  readonly log: (name: FunctionName, requestId: string | undefined, stream: LogStream, text: string) => void;
}

export class LiveInstances {
  readonly #parts: LiveInstancesParts;
  readonly #living = new Map<InstanceNumber, LiveInstance>();

  constructor(parts: LiveInstancesParts) {
    this.#parts = parts;
  }

  get(number: InstanceNumber): LiveInstance | undefined {
    return this.#living.get(number);
  }

  stop(number: InstanceNumber): void {
    this.#living.get(number)?.handle?.stop();
  }

  start(command: StartCommand): void {
    const { instance: number, function: name } = command;
    const definition = this.#parts.definitionOf(name);
    if (definition === undefined)
      throw new FrugalError("internal", `Told to start unknown function "${name}"`);
    const live = new LiveInstance(definition, command.cpus);
    this.#living.set(number, live);
    if (command.cause === "template") this.#startTemplate(number, live);
    else this.#startInstance(command, live);
  }

  /** Gives what instances have used since the last time to their functions. */
  countCpu(): void {
    for (const live of this.#living.values())
      this.#parts.tallyOf(live.definition.name)?.addCpu(live.takeCpu());
  }

  #startInstance({ instance: number, start, wish }: StartCommand, live: LiveInstance): void {
    const { cpus } = live;
    const base = specOf(live.definition, `f${process.pid}-${number}`);
    const spec = cpus === undefined ? base : { ...base, cpus };
    try {
      const listener = this.#listenerOf(number, live);
      live.handle = this.#parts.sandbox.start(spec, listener, wish ?? { kind: start, pooled: true });
    } catch (thrown) {
      this.#end(number, live, { kind: "start-failed", error: reportOf(thrown) });
    }
  }

  #listenerOf(number: InstanceNumber, live: LiveInstance): InstanceListener {
    const { definition, cpus } = live;
    return {
      fellBack: (from, to, reason) => {
        const text = `An instance could not be started by ${from}, and is started by ${to}: ${reason}\n`;
        this.#parts.log(definition.name, undefined, "stderr", text);
        this.#parts.desk.look(definition);
      },
      ready: ({ kind, phases, cpu }) => {
        live.phases = phases;
        live.kind = kind;
        live.startCpu = cpu;
        if (definition.concurrency === 1)
          live.work = this.#parts.meter?.attach(live.handle?.perfFolder(), cpus);
        this.#parts.send({ kind: "instance-ready", instance: number, start: kind, cpu, memory: undefined });
      },
      ended: (end) => {
        this.#end(number, live, end);
      },
      log: (requestId, stream, text) => {
        this.#parts.log(definition.name, requestId, stream, text);
      },
    };
  }

  #startTemplate(number: InstanceNumber, live: LiveInstance): void {
    const build = this.#parts.desk.start(number, live.definition, (failure) => {
      const end: InstanceEnd =
        failure === undefined
          ? { kind: "stopped" }
          : { kind: "lost", error: { code: "snapshot-unusable", message: failure } };
      this.#end(number, live, end);
    });
    live.handle = {
      invoke: (_request, done) => queueMicrotask(() => done(lostBefore())),
      stop: () => build.stop(),
      cpuTime: () => build.cpuTime(),
      perfFolder: () => undefined,
    };
  }

  #end(number: InstanceNumber, live: LiveInstance, end: InstanceEnd): void {
    const { name } = live.definition;
    this.#parts.tallyOf(name)?.addCpu(live.takeCpu());
    this.#living.delete(number);
    live.work?.close();
    const failure = end.kind === "stopped" ? undefined : end.error;
    if (end.kind === "start-failed") this.#parts.log(name, undefined, "stderr", `${end.error.message}\n`);
    this.#parts.send({ kind: "instance-ended", instance: number, failure });
  }
}

export const specOf = (definition: FunctionDefinition, id: string): InstanceSpec => ({
  ...definition,
  id,
  function: definition.name,
  invokeTimeout: definition.timeout,
});

export const lostBefore = (): InvokeOutcome => ({
  kind: "lost",
  error: {
    code: "instance-lost",
    message: "The instance ended just before it was given the invocation; try again",
  },
});

const reportOf = (thrown: unknown): ErrorReport =>
  thrown instanceof FrugalError ? thrown.toReport() : { code: "internal", message: messageOf(thrown) };
