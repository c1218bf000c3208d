/**
 * The live shell around the control plane: turns what happens on this host into events, and carries the commands out with
 * the sandbox. It decides nothing.
 *
 * Invariants (cited by the tests):
 *   P1  every invocation that is not withdrawn gets exactly one result, also when its instance dies or the platform closes
 *   P2  commands are carried out in order, and events that they cause are handled after them
 *   P3  CPU time is counted once: what an instance used until its end is its function's
 */
import {
  Control,
  type Command,
  type ControlOptions,
  type Event,
  type MachineCapacity,
  type PaceEvent,
  type PacePlan,
} from "@frugal/control";
import {
  type Bytes,
  type Clock,
  type FunctionName,
  type InvocationNumber,
  invocationNumber,
  NumberTable,
  plus,
  type Ratio,
  type Seconds,
  type WorkflowDeadline,
  type WorkflowGraph,
  unreachable,
} from "@frugal/core";
import type { EnergyLedger, EnergySampler } from "@frugal/machine";
import { softwareCounters } from "@frugal/predict";
import type { InvokeRequest, LogStream, Sandbox } from "@frugal/sandbox";
import type { FunctionDefinition } from "../registry/definition.ts";
import type { ClockDesk } from "./pace/clock-desk.ts";
import { executed } from "./executed.ts";
import { demandOf } from "./function-demand.ts";
import { functionStatistics } from "./tally/function-statistics.ts";
import { FunctionTally } from "./tally/function-tally.ts";
import { LiveInstances, lostBefore, specOf } from "./live-instances.ts";
import { mayBeTriedAgain, type OpenInvocation } from "./open-invocation.ts";
import { PayloadBudget } from "./payload-budget.ts";
import { measuredOf } from "./pace/measured-work.ts";
import type { WorkMeter } from "./pace/work-meter.ts";
import { workOf } from "./pace/work-size.ts";
import type { InvocationResult, InvokeHow, Platform, PlatformStatistics } from "./platform.ts";
import { Sampling } from "./tally/sampling.ts";
import { SnapshotDesk } from "./snapshots/snapshot-desk.ts";
import type { SnapshotService } from "./snapshots/snapshot-service.ts";
import { noRoomForPayload, plainRefusal, refusalOf, refuseSoon } from "./refusal.ts";

export interface LivePlatformParts {
  readonly control: ControlOptions;
  readonly machine: MachineCapacity;
  /** Most bytes of payloads of unfinished invocations; more are refused. */
  readonly payloadBytes: Bytes;
  readonly sandbox: Sandbox;
  readonly clock: Clock;
  readonly ledger: EnergyLedger;
  readonly sampler: EnergySampler;
  /** Undefined where the clocks are left alone. */
  readonly clocks: ClockDesk | undefined;
  /** Undefined where nothing paces the machine. */
  readonly meter: WorkMeter | undefined;
  /** Busy shares of the machine's core clock domains; for governors. */
  readonly loads: (() => readonly Ratio[]) | undefined;
  /** Told of every result before its caller, unless the function was removed. */
  readonly observe: (definition: FunctionDefinition, result: InvocationResult) => void;
  /** Told of every output of a function, unless it was removed. */
  readonly log: (fn: FunctionName, requestId: string | undefined, stream: LogStream, text: string) => void;
}

export class LivePlatform implements Platform {
  readonly #parts: LivePlatformParts;
  readonly #control: Control;
  readonly #definitions = new Map<FunctionName, FunctionDefinition>();
  readonly #tallies = new Map<FunctionName, FunctionTally>();
  readonly #payloads: PayloadBudget;
  readonly #desk: SnapshotDesk;
  readonly #open = new NumberTable<OpenInvocation>();
  readonly #instances: LiveInstances;
  readonly #sampling: Sampling;
  readonly #events: Event[] = [];
  #isHandling = false;
  #arrived = 0;
  #cancelTimer: () => void = () => undefined;
  #closing: { readonly whenEmpty: () => void } | undefined;

  constructor(parts: LivePlatformParts) {
    this.#parts = parts;
    this.#control = new Control(parts.control);
    this.#payloads = new PayloadBudget(parts.payloadBytes);
    this.#desk = new SnapshotDesk({
      sandbox: parts.sandbox,
      machine: parts.machine.name,
      definitionOf: (name) => this.#definitions.get(name),
      specOf,
      send: (event) => this.#send(event),
      note: (name, text) => this.#log(name, undefined, "stderr", text),
    });
    this.#instances = new LiveInstances({
      sandbox: parts.sandbox,
      desk: this.#desk,
      definitionOf: (name) => this.#definitions.get(name),
      tallyOf: (name) => this.#tallies.get(name),
      meter: parts.meter,
      send: (event) => this.#send(event),
      log: (name, requestId, stream, text) => this.#log(name, requestId, stream, text),
    });
    this.#send({ kind: "machine-joined", machine: parts.machine });
    const { clock, sampler } = parts;
    const countCpu = (): void => this.#instances.countCpu();
    this.#sampling = new Sampling({ clock, sampler, tallies: this.#tallies, countCpu });
  }

  deploy(definition: FunctionDefinition): void {
    this.#definitions.set(definition.name, definition);
    if (!this.#tallies.has(definition.name)) this.#tallies.set(definition.name, new FunctionTally());
    this.#send({ kind: "function-deployed", demand: demandOf(definition) });
    this.#desk.look(definition);
  }

  remove(name: FunctionName): void {
    this.#definitions.delete(name);
    this.#instances.countCpu();
    this.#tallies.delete(name);
    this.#parts.ledger.retire(name);
    this.#desk.forget(name);
    this.#send({ kind: "function-removed", function: name });
  }

  get snapshots(): SnapshotService {
    return this.#desk;
  }

  invoke(
    name: FunctionName,
    request: InvokeRequest,
    done: (result: InvocationResult) => void,
    how: InvokeHow = {},
  ): () => void {
    const definition = this.#definitions.get(name);
    const tally = this.#tallies.get(name);
    if (definition === undefined || tally === undefined)
      return refuseSoon({ ...plainRefusal, code: "function-not-found" }, name, request, done);
    if (this.#closing !== undefined)
      return refuseSoon({ ...plainRefusal, code: "shutting-down" }, name, request, done);
    if (!this.#payloads.take(tally, request.payload.length))
      return refuseSoon(noRoomForPayload, name, request, (result) => {
        tally.count(result);
        this.#observe(definition, result);
        done(result);
      });
    const open: OpenInvocation = {
      number: invocationNumber(0),
      attempts: 0,
      how,
      definition,
      tally,
      request,
      arrived: this.#parts.clock.now(),
      done,
      isDispatched: false,
    };
    this.#arrive(open);
    return () => {
      if (open.isDispatched || this.#open.get(open.number) === undefined) return;
      this.#close(open.number);
      this.#send({ kind: "invocation-withdrawn", invocation: open.number, function: name });
      this.#tellIfEmpty();
    };
  }

  /** Every attempt is an invocation of its own to the control plane. */
  #arrive(open: OpenInvocation): void {
    open.number = invocationNumber(++this.#arrived);
    open.attempts++;
    open.isDispatched = false;
    this.#open.set(open.number, open);
    const { number: invocation, definition, request } = open;
    const { wish, stage } = open.how;
    const work = this.#parts.control.pace === undefined ? undefined : workOf(definition, request.payload);
    this.#send({
      kind: "invocation-arrived",
      invocation,
      function: definition.name,
      ...(work === undefined ? {} : { payload: work.size }),
      ...(work === undefined || work.variant === "" ? {} : { variant: work.variant }),
      ...(wish === undefined ? {} : { wish }),
      ...(stage === undefined ? {} : { stage }),
    });
  }

  /** Workflows and runs, as the control plane is to know them. */
  pace(event: PaceEvent): void {
    this.#send(event);
  }

  /** What a workflow's stages may take; undefined where nothing paces the machine. */
  plan(graph: WorkflowGraph, deadline: WorkflowDeadline): PacePlan | undefined {
    return this.#control.plan(graph, deadline);
  }

  statistics(): PlatformStatistics {
    this.#sampling.sample();
    const { ledger } = this.#parts;
    const totals = ledger.totals();
    const idle = plus(totals.static, totals.otherProcesses);
    return {
      functions: [...this.#tallies].map(([name, tally]) =>
        functionStatistics(name, tally, this.#control.occupancy(name), ledger.of(name)),
      ),
      energy: {
        total: totals.total,
        idle: { joules: idle, staticJoules: totals.static, otherProcessesJoules: totals.otherProcesses },
        functionsJoules: totals.functions,
      },
    };
  }

  async close(within: Seconds): Promise<void> {
    const { clock, sandbox, sampler } = this.#parts;
    if (this.#open.size > 0) {
      await new Promise<void>((resolve) => {
        const cancel = clock.at(plus(clock.now(), within), resolve);
        this.#closing = {
          whenEmpty: () => {
            cancel();
            resolve();
          },
        };
      });
    }
    this.#closing = { whenEmpty: () => undefined };
    // Before all that may fail or take long: what is still running is about to be ended.
    this.#parts.clocks?.close();
    this.#cancelTimer();
    this.#sampling.stop();
    await sandbox.close();
    // The ends of instances may have set it again.
    this.#cancelTimer();
    this.#desk.close();
    for (const invocation of this.#open.keys().map(invocationNumber)) {
      const open = this.#open.get(invocation);
      if (open === undefined) continue;
      const { definition, request } = open;
      this.#settle(
        invocation,
        refusalOf({ ...plainRefusal, code: "shutting-down" }, definition.name, request.requestId),
      );
    }
    this.#sampling.sample();
    sampler.close();
  }

  /** Handles an event now, or after the one being handled (P2). A fault in one command does not keep the others from being carried out. */
  #send(event: Event): void {
    this.#events.push(event);
    if (this.#isHandling) return;
    this.#isHandling = true;
    const faults: unknown[] = [];
    for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
      try {
        const commands = this.#control.handle(next, this.#parts.clock.now());
        for (const command of commands) collect(faults, () => this.#carryOut(command));
      } catch (fault) {
        faults.push(fault);
      }
    }
    this.#isHandling = false;
    if (faults.length > 0) throw faults[0];
  }

  #carryOut(command: Command): void {
    switch (command.kind) {
      case "dispatch":
        this.#dispatch(command);
        return;
      case "start-instance":
        this.#instances.start(command);
        return;
      case "stop-instance":
        this.#instances.stop(command.instance);
        return;
      case "refuse": {
        const open = this.#open.get(command.invocation);
        if (open === undefined) return;
        this.#conclude(open, refusalOf(command, open.definition.name, open.request.requestId));
        return;
      }
      case "set-core-clock":
        this.#parts.clocks?.carryOut({ kind: "core", domain: command.domain, clock: command.clock });
        return;
      case "set-uncore-clock":
        this.#parts.clocks?.carryOut({ kind: "uncore", domain: command.domain, clock: command.clock });
        return;
      case "sample-load":
        this.#send({ kind: "load-sampled", machine: command.machine, loads: this.#parts.loads?.() ?? [] });
        return;
      case "set-timer":
        this.#cancelTimer();
        this.#cancelTimer = this.#parts.clock.at(command.at, () => {
          this.#send({ kind: "timer-fired" });
        });
        return;
      default:
        unreachable(command);
    }
  }

  #dispatch({ invocation, instance, cold, pace }: Extract<Command, { kind: "dispatch" }>): void {
    const open = this.#open.get(invocation);
    const live = this.#instances.get(instance);
    const dispatched = { cold, live, pace: this.#parts.clocks?.factsOf(pace, live?.cpus) };
    if (live?.handle === undefined || open === undefined) {
      // The caller is gone, or the instance ended and its event is still to be handled.
      this.#send({ kind: "invocation-finished", invocation, instance, isInstanceLost: live === undefined });
      if (open !== undefined) this.#conclude(open, executed(this.#parts, open, lostBefore(), dispatched));
      return;
    }
    open.isDispatched = true;
    const at = this.#parts.clock.now();
    const before = live.work?.begin();
    live.handle.invoke(open.request, (outcome) => {
      const counted = before === undefined ? undefined : live.work?.end(before);
      const result = executed(this.#parts, open, outcome, { ...dispatched, at, counted });
      const { clocks, meter } = this.#parts;
      const set = meter?.set ?? softwareCounters;
      // Somebody outside has taken the clocks meanwhile: they were not those that it was given.
      const measured =
        clocks?.isHeld === true ? undefined : measuredOf(open.request, result, { set, counted });
      this.#send({
        kind: "invocation-finished",
        invocation,
        instance,
        isInstanceLost: outcome.kind === "lost",
        isFailure: outcome.kind !== "success",
        ...(measured === undefined ? {} : { measured }),
      });
      if (outcome.kind === "success") this.#desk.succeeded(live.definition, open.request.payload);
      this.#conclude(open, result);
    });
  }

  /** Where the instance was lost through no fault of the function, also while it started, another one executes the invocation. */
  #conclude(open: OpenInvocation, result: InvocationResult): void {
    if (!mayBeTriedAgain(open, result)) {
      this.#settle(open.number, result);
      return;
    }
    this.#open.delete(open.number);
    this.#arrive(open);
  }

  /** Gives an invocation its result, once (P1). */
  #settle(invocation: InvocationNumber, result: InvocationResult): void {
    const open = this.#close(invocation);
    if (open === undefined) return;
    open.tally.count(result);
    this.#observe(open.definition, result);
    open.done(result);
    this.#tellIfEmpty();
  }

  /** The invocation is over, with a result or without. */
  #close(invocation: InvocationNumber): OpenInvocation | undefined {
    const open = this.#open.delete(invocation);
    if (open !== undefined) this.#payloads.giveBack(open.tally, open.request.payload.length);
    return open;
  }

  #tellIfEmpty(): void {
    if (this.#open.size === 0) this.#closing?.whenEmpty();
  }

  /** What a removed function's last invocations leave would bring its metrics and logs back to life. */
  #observe(definition: FunctionDefinition, result: InvocationResult): void {
    if (this.#definitions.has(definition.name)) this.#parts.observe(definition, result);
  }

  #log(name: FunctionName, requestId: string | undefined, stream: LogStream, text: string): void {
    if (this.#definitions.has(name)) this.#parts.log(name, requestId, stream, text);
  }
}

function collect(faults: unknown[], step: () => void): void {
  try {
    step();
  } catch (fault) {
    faults.push(fault);
  }
}
