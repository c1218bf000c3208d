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
} from "@frugal/control";
import {
  type Bytes,
  type Clock,
  type EnergyReading,
  type FunctionName,
  type InvocationNumber,
  invocationNumber,
  minus,
  NumberTable,
  plus,
  type Seconds,
  seconds,
  type StartPhases,
  type StartWish,
  unreachable,
} from "@frugal/core";
import type { EnergyLedger, EnergySampler } from "@frugal/machine";
import type { InvokeOutcome, InvokeRequest, LogStream, Sandbox } from "@frugal/sandbox";
import type { FunctionDefinition } from "../registry/definition.ts";
import { demandOf } from "./function-demand.ts";
import { FunctionTally } from "./function-tally.ts";
import type { LiveInstance } from "./live-instance.ts";
import { LiveInstances, lostBefore, specOf } from "./live-instances.ts";
import { mayBeTriedAgain, type OpenInvocation } from "./open-invocation.ts";
import { PayloadBudget } from "./payload-budget.ts";
import type { FunctionStatistics, InvocationResult, Platform, PlatformStatistics } from "./platform.ts";
import { SnapshotDesk } from "./snapshots/snapshot-desk.ts";
import type { SnapshotService } from "./snapshots/snapshot-service.ts";
import { noRoomForPayload, plainRefusal, refusalOf, refuseSoon } from "./refusal.ts";

/** How often the meter is read and CPU time is counted. */
const SAMPLING_INTERVAL = seconds(1);

export interface LivePlatformParts {
  readonly control: ControlOptions;
  readonly machine: MachineCapacity;
  /** Most bytes of payloads of unfinished invocations; more are refused. */
  readonly payloadBytes: Bytes;
  readonly sandbox: Sandbox;
  readonly clock: Clock;
  readonly ledger: EnergyLedger;
  readonly sampler: EnergySampler;
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
  readonly #events: Event[] = [];
  #isHandling = false;
  #arrived = 0;
  #cancelTimer: () => void = () => undefined;
  #cancelSampling: () => void = () => undefined;
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
      send: (event) => this.#send(event),
      log: (name, requestId, stream, text) => this.#log(name, requestId, stream, text),
    });
    this.#send({ kind: "machine-joined", machine: parts.machine });
    this.#scheduleSample();
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
    wish?: StartWish,
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
      wish,
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
    const { number: invocation, definition, wish } = open;
    const arrival = { kind: "invocation-arrived", invocation, function: definition.name } as const;
    this.#send(wish === undefined ? arrival : { ...arrival, wish });
  }

  statistics(): PlatformStatistics {
    this.#sample();
    const { ledger } = this.#parts;
    const totals = ledger.totals();
    const idle = plus(totals.static, totals.otherProcesses);
    return {
      functions: [...this.#tallies].map(([name, tally]) => this.#statisticsOf(name, tally)),
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
    this.#cancelTimer();
    this.#cancelSampling();
    await sandbox.close();
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
    this.#sample();
    sampler.close();
  }

  #statisticsOf(name: FunctionName, tally: FunctionTally): FunctionStatistics {
    const { starting = 0, idle = 0, busy = 0, waiting = 0 } = this.#control.occupancy(name) ?? {};
    const { invocations, errors, refused, coldStarts, cpu } = tally;
    const energy = this.#parts.ledger.of(name);
    return {
      name,
      instances: { starting, idle, busy },
      waiting,
      invocations,
      errors,
      refused,
      coldStarts,
      cpu,
      energy,
    };
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

  #dispatch({ invocation, instance, cold }: Extract<Command, { kind: "dispatch" }>): void {
    const open = this.#open.get(invocation);
    const live = this.#instances.get(instance);
    if (live?.handle === undefined || open === undefined) {
      // The caller is gone, or the instance ended and its event is still to be handled.
      this.#send({ kind: "invocation-finished", invocation, instance, isInstanceLost: live === undefined });
      if (open !== undefined) this.#conclude(open, this.#executed(open, lostBefore(), { cold, live }));
      return;
    }
    open.isDispatched = true;
    const dispatched = this.#parts.clock.now();
    live.handle.invoke(open.request, (outcome) => {
      const result = this.#executed(open, outcome, { cold, live, dispatched });
      this.#send({
        kind: "invocation-finished",
        invocation,
        instance,
        isInstanceLost: outcome.kind === "lost",
        isFailure: outcome.kind !== "success",
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

  #executed(
    open: OpenInvocation,
    outcome: InvokeOutcome,
    {
      cold,
      live,
      dispatched,
    }: { readonly cold: boolean; readonly live: LiveInstance | undefined; readonly dispatched?: Seconds },
  ): InvocationResult {
    const now = this.#parts.clock.now();
    const begun = dispatched ?? now;
    const duration = minus(now, begun);
    return {
      kind: "executed",
      requestId: open.request.requestId,
      outcome,
      start: cold ? "cold" : "warm",
      startKind: cold ? live?.kind : undefined,
      startEnergy: cold && live?.phases !== undefined ? this.#startEnergy(live, live.phases) : undefined,
      phases: cold ? live?.phases : undefined,
      wait: minus(begun, open.arrived),
      duration,
      energy: this.#parts.ledger.invocation(outcome.kind === "lost" ? undefined : outcome.cpu, duration),
    };
  }

  #startEnergy({ startCpu }: LiveInstance, { unit, restore, runtime, init }: StartPhases): EnergyReading {
    return this.#parts.ledger.invocation(startCpu, plus(unit, restore, runtime, init));
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

  #scheduleSample(): void {
    const { clock } = this.#parts;
    this.#cancelSampling = clock.at(plus(clock.now(), SAMPLING_INTERVAL), () => {
      this.#sample();
      this.#scheduleSample();
    });
  }

  #sample(): void {
    this.#instances.countCpu();
    const used = new Map<FunctionName, Seconds>();
    for (const [name, tally] of this.#tallies) used.set(name, tally.takeUnreportedCpu());
    this.#parts.sampler.sample(used);
  }
}

function collect(faults: unknown[], step: () => void): void {
  try {
    step();
  } catch (fault) {
    faults.push(fault);
  }
}
