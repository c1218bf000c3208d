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
  type ErrorReport,
  FrugalError,
  type FunctionName,
  type InstanceNumber,
  type InvocationNumber,
  invocationNumber,
  messageOf,
  minus,
  NumberTable,
  plus,
  type Seconds,
  seconds,
  unreachable,
} from "@frugal/core";
import type { EnergyLedger, EnergySampler } from "@frugal/machine";
import type { InstanceEnd, InvokeOutcome, InvokeRequest, LogStream, Sandbox } from "@frugal/sandbox";
import type { FunctionDefinition } from "../registry/definition.ts";
import { demandOf } from "./function-demand.ts";
import { FunctionTally } from "./function-tally.ts";
import { LiveInstance } from "./live-instance.ts";
import { PayloadBudget } from "./payload-budget.ts";
import type { FunctionStatistics, InvocationResult, Platform, PlatformStatistics } from "./platform.ts";
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

/** An invocation that has not got its result. */
interface OpenInvocation {
  readonly definition: FunctionDefinition;
  readonly tally: FunctionTally;
  readonly request: InvokeRequest;
  readonly arrived: Seconds;
  readonly done: (result: InvocationResult) => void;
  isDispatched: boolean;
}

export class LivePlatform implements Platform {
  readonly #parts: LivePlatformParts;
  readonly #control: Control;
  readonly #definitions = new Map<FunctionName, FunctionDefinition>();
  readonly #tallies = new Map<FunctionName, FunctionTally>();
  readonly #payloads: PayloadBudget;
  readonly #open = new NumberTable<OpenInvocation>();
  readonly #instances = new Map<InstanceNumber, LiveInstance>();
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
    this.#send({ kind: "machine-joined", machine: parts.machine });
    this.#scheduleSample();
  }

  deploy(definition: FunctionDefinition): void {
    this.#definitions.set(definition.name, definition);
    if (!this.#tallies.has(definition.name)) this.#tallies.set(definition.name, new FunctionTally());
    this.#send({ kind: "function-deployed", demand: demandOf(definition) });
  }

  remove(name: FunctionName): void {
    this.#definitions.delete(name);
    this.#countCpu();
    this.#tallies.delete(name);
    this.#parts.ledger.retire(name);
    this.#send({ kind: "function-removed", function: name });
  }

  invoke(name: FunctionName, request: InvokeRequest, done: (result: InvocationResult) => void): () => void {
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
    const invocation = invocationNumber(++this.#arrived);
    this.#open.set(invocation, {
      definition,
      tally,
      request,
      arrived: this.#parts.clock.now(),
      done,
      isDispatched: false,
    });
    this.#send({ kind: "invocation-arrived", invocation, function: name });
    return () => {
      if (this.#open.get(invocation)?.isDispatched !== false) return;
      this.#close(invocation);
      this.#send({ kind: "invocation-withdrawn", invocation, function: name });
      this.#tellIfEmpty();
    };
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
        this.#start(command.instance, command.function);
        return;
      case "stop-instance":
        this.#instances.get(command.instance)?.handle?.stop();
        return;
      case "refuse": {
        const open = this.#open.get(command.invocation);
        if (open === undefined) return;
        this.#settle(command.invocation, refusalOf(command, open.definition.name, open.request.requestId));
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

  #start(number: InstanceNumber, name: FunctionName): void {
    const definition = this.#definitions.get(name);
    if (definition === undefined)
      throw new FrugalError("internal", `Told to start unknown function "${name}"`);
    const live = new LiveInstance(definition);
    this.#instances.set(number, live);
    try {
      live.handle = this.#parts.sandbox.start(
        { ...definition, id: `f${process.pid}-${number}`, function: name, invokeTimeout: definition.timeout },
        {
          ready: (phases) => {
            live.phases = phases;
            this.#send({ kind: "instance-ready", instance: number });
          },
          ended: (end) => {
            this.#end(number, live, end);
          },
          log: (requestId, stream, text) => {
            this.#log(name, requestId, stream, text);
          },
        },
      );
    } catch (thrown) {
      this.#end(number, live, { kind: "start-failed", error: reportOf(thrown) });
    }
  }

  #end(number: InstanceNumber, live: LiveInstance, end: InstanceEnd): void {
    this.#tallies.get(live.definition.name)?.addCpu(live.takeCpu());
    this.#instances.delete(number);
    const failure = end.kind === "stopped" ? undefined : end.error;
    if (end.kind === "start-failed")
      this.#log(live.definition.name, undefined, "stderr", `${end.error.message}\n`);
    this.#send({ kind: "instance-ended", instance: number, failure });
  }

  #dispatch({ invocation, instance, cold }: Extract<Command, { kind: "dispatch" }>): void {
    const open = this.#open.get(invocation);
    const live = this.#instances.get(instance);
    if (live?.handle === undefined || open === undefined) {
      // The caller is gone, or the instance ended and its event is still to be handled.
      this.#send({ kind: "invocation-finished", invocation, instance, isInstanceLost: live === undefined });
      if (open !== undefined) this.#settle(invocation, this.#executed(open, lostBefore(), { cold, live }));
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
      });
      this.#settle(invocation, result);
    });
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
      phases: cold ? live?.phases : undefined,
      wait: minus(begun, open.arrived),
      duration,
      energy: this.#parts.ledger.invocation(outcome.kind === "lost" ? undefined : outcome.cpu, duration),
    };
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
    this.#countCpu();
    const used = new Map<FunctionName, Seconds>();
    for (const [name, tally] of this.#tallies) used.set(name, tally.takeUnreportedCpu());
    this.#parts.sampler.sample(used);
  }

  #countCpu(): void {
    for (const live of this.#instances.values())
      this.#tallies.get(live.definition.name)?.addCpu(live.takeCpu());
  }
}

function collect(faults: unknown[], step: () => void): void {
  try {
    step();
  } catch (fault) {
    faults.push(fault);
  }
}

const lostBefore = (): InvokeOutcome => ({
  kind: "lost",
  error: {
    code: "function-crashed",
    message: "The instance ended just before it was given the invocation; try again",
  },
});

const reportOf = (thrown: unknown): ErrorReport =>
  thrown instanceof FrugalError ? thrown.toReport() : { code: "internal", message: messageOf(thrown) };
