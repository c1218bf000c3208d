/**
 * A shell for tests: carries the control plane's commands out in virtual time, keeps its own books, and throws when a
 * command breaks a promise. It shares no code with the control plane beyond the types of events and commands.
 */
import {
  type FunctionDemand,
  type FunctionName,
  type Hertz,
  type InstanceNumber,
  type InvocationNumber,
  invocationNumber,
  type Random,
  ratio,
  seconds,
  type StartKind,
  type StartOffer,
} from "@frugal/core";
import {
  type Command,
  Control,
  type ControlOptions,
  type Event,
  type MachineCapacity,
} from "../src/index.ts";
import { ClockBooks } from "./clock-books.ts";
import { Books, type LiveInstance, type VirtualInvocation } from "./books.ts";

type Arrival = Extract<Event, { kind: "invocation-arrived" }>;

export interface Behaviour {
  readonly startTime: (random: Random, kind: StartKind) => number;
  readonly serviceTime: (random: Random, fn: FunctionName) => number;
  /** Share of starts that fail, and of invocations that lose their instance. */
  readonly failures: number;
  /** How long a template takes, and what comes of one; no offers: it fails. */
  readonly template: (random: Random) => { readonly time: number; readonly offers: readonly StartOffer[] };
}

export class VirtualShell {
  readonly control: Control;
  readonly log: string[] = [];
  readonly starts: {
    readonly at: number;
    readonly function: FunctionName;
    readonly cause: string;
    readonly start: StartKind;
  }[] = [];
  readonly stops: { readonly at: number; readonly reason: string }[] = [];
  now = 0;

  readonly #books: Books;
  readonly #clocks: ClockBooks;
  readonly #behaviour: Behaviour;
  readonly #random: Random;
  readonly #agenda: { at: number; sequence: number; action: () => void }[] = [];
  #sequence = 0;
  #timer: number | undefined;
  #arrived = 0;

  constructor(
    options: ControlOptions,
    machines: readonly MachineCapacity[],
    behaviour: Behaviour,
    random: Random,
  ) {
    this.control = new Control(options);
    this.#books = new Books(machines);
    this.#clocks = new ClockBooks(options.pace?.policy === "frugal");
    this.#behaviour = behaviour;
    this.#random = random;
    for (const machine of machines) this.send({ kind: "machine-joined", machine });
  }

  get invocations(): Books["invocations"] {
    return this.#books.invocations;
  }

  get live(): number {
    return this.#books.instances.size;
  }

  deploy(demand: FunctionDemand): void {
    this.#books.demands.set(demand.name, demand);
    this.send({ kind: "function-deployed", demand });
  }

  /** What the clock was set to last; undefined: never. */
  clockOf(kind: "core" | "uncore", domain: number): Hertz | undefined {
    return this.#clocks.clockOf(this.#books.machines[0]?.name, kind, domain);
  }

  arriveAt(
    at: number,
    fn: FunctionName,
    withdrawAfter?: number,
    how: Pick<Arrival, "wish" | "payload" | "variant" | "stage"> = {},
  ): void {
    this.#schedule(at, () => {
      const invocation = invocationNumber(++this.#arrived);
      this.invocations.set(invocation, {
        function: fn,
        arrived: this.now,
        wish: how.wish,
        outcome: "waiting",
      });
      this.send({ kind: "invocation-arrived", invocation, function: fn, ...how });
      if (withdrawAfter === undefined) return;
      this.#schedule(this.now + withdrawAfter, () => {
        const record = this.invocations.get(invocation);
        if (record?.outcome !== "waiting") return;
        record.outcome = "withdrawn";
        this.send({ kind: "invocation-withdrawn", invocation, function: fn });
      });
    });
  }

  doAt(at: number, action: () => void): void {
    this.#schedule(at, action);
  }

  /** Runs until nothing is left to do before `until`. */
  run(until: number): void {
    for (;;) {
      this.#agenda.sort((a, b) => a.at - b.at || a.sequence - b.sequence);
      const next = this.#agenda[0];
      const timer = this.#timer ?? Infinity;
      if (Math.min(next?.at ?? Infinity, timer) > until) break;
      if (next !== undefined && next.at <= timer) {
        this.#agenda.shift();
        this.now = next.at;
        next.action();
      } else {
        this.now = Math.max(this.now, timer);
        this.#timer = undefined;
        this.send({ kind: "timer-fired" });
      }
    }
    this.now = until;
  }

  send(event: Event): void {
    if (event.kind === "machine-joined") this.#clocks.join(event.machine);
    const commands = this.control.handle(event, seconds(this.now));
    for (const command of commands) {
      this.log.push(JSON.stringify([this.now, command]));
      this.#carryOut(command);
    }
    this.#books.check();
    this.#clocks.check(this.now);
  }

  #carryOut(command: Command): void {
    switch (command.kind) {
      case "start-instance":
        this.#start(command);
        return;
      case "stop-instance":
        this.#stop(command);
        return;
      case "dispatch":
        this.#dispatch(command);
        return;
      case "refuse": {
        const record = this.#waiting(command.invocation);
        record.outcome = "refused";
        record.code = command.code;
        record.retryAfter = command.retryAfter;
        record.finished = this.now;
        return;
      }
      case "set-core-clock":
      case "set-uncore-clock":
        this.#clocks.set(command);
        return;
      case "sample-load":
        this.#schedule(this.now, () => {
          const domains =
            this.#books.machines.find(({ name }) => name === command.machine)?.clocks?.core ?? [];
          const loads = domains.map(() => ratio(this.#random.next()));
          this.send({ kind: "load-sampled", machine: command.machine, loads });
        });
        return;
      case "set-timer":
        this.#timer = command.at;
    }
  }

  #start(command: Extract<Command, { kind: "start-instance" }>): void {
    const demand = this.#books.demands.get(command.function);
    const machine = this.#books.machines.find((candidate) => candidate.name === command.machine);
    if (demand === undefined || machine === undefined) throw new Error("started what does not exist");
    if (demand.revision !== command.revision) throw new Error("started an old revision");
    const { cause, start, wish } = command;
    this.starts.push({ at: this.now, function: command.function, cause, start });
    const isTemplate = cause === "template";
    const instance: LiveInstance = {
      demand,
      machine,
      isTemplate,
      wish,
      cpus: command.cpus,
      state: "starting",
      running: new Set(),
    };
    if (isTemplate) this.#checkTemplate(machine);
    this.#books.instances.set(command.instance, instance);
    if (!isTemplate) this.#clocks.started(command.instance, machine, command.cpus);
    if (isTemplate) {
      this.#runTemplate(command.instance, instance);
      return;
    }
    const fails = this.#random.next() < this.#behaviour.failures;
    this.#schedule(this.now + this.#behaviour.startTime(this.#random, start), () => {
      if (instance.state !== "starting") return;
      if (fails) this.#lose(command.instance, instance);
      else {
        instance.state = "ready";
        this.#clocks.settled(command.instance);
        this.send({
          kind: "instance-ready",
          instance: command.instance,
          start: command.start,
          cpu: undefined,
          memory: undefined,
        });
      }
    });
  }

  /** T1. */
  #checkTemplate(machine: MachineCapacity): void {
    if ([...this.invocations.values()].some(({ outcome }) => outcome === "waiting"))
      throw new Error("a template was started while something waits (T1)");
    for (const instance of this.#books.instances.values())
      if (instance.isTemplate && instance.machine === machine)
        throw new Error(`two templates at a time on ${machine.name} (T1)`);
  }

  #runTemplate(number: InstanceNumber, instance: LiveInstance): void {
    const { time, offers } = this.#behaviour.template(this.#random);
    this.#schedule(this.now + time, () => {
      if (instance.state !== "starting") return;
      instance.state = "dying";
      if (offers.length > 0) this.offer(instance.demand, instance.machine, offers);
      this.#books.instances.delete(number);
      this.#clocks.settled(number);
      const failure = { code: "init-failed", message: "cannot be snapshotted" } as const;
      this.send({
        kind: "instance-ended",
        instance: number,
        failure: offers.length > 0 ? undefined : failure,
      });
    });
  }

  /** What starts now (in the way `kind`, where given) fails. */
  failStarts(kind?: StartKind): void {
    for (const [number, instance] of this.#books.instances) {
      const isMeant = kind === undefined || instance.wish?.kind === kind;
      if (instance.state === "starting" && isMeant) this.#lose(number, instance);
    }
  }

  /** Tells which starts the function can have on the machine from now on. */
  offer(demand: FunctionDemand, machine: MachineCapacity, offers: readonly StartOffer[]): void {
    const { name, revision } = demand;
    this.send({ kind: "starts-known", function: name, revision, machine: machine.name, offers });
  }

  #stop(command: Extract<Command, { kind: "stop-instance" }>): void {
    const instance = this.#books.instances.get(command.instance);
    if (instance?.state === "dying") return;
    if (instance === undefined || instance.state === "stopping")
      throw new Error("stopped what does not live");
    if (instance.running.size > 0) throw new Error("stopped a busy instance (S3)");
    instance.state = "stopping";
    this.#clocks.settled(command.instance);
    this.stops.push({ at: this.now, reason: command.reason });
    this.#schedule(this.now + 0.01, () => {
      this.#books.instances.delete(command.instance);
      this.send({ kind: "instance-ended", instance: command.instance, failure: undefined });
    });
  }

  #dispatch(command: Extract<Command, { kind: "dispatch" }>): void {
    const instance = this.#books.instances.get(command.instance);
    const record = this.#waiting(command.invocation);
    if (instance?.state !== "ready") throw new Error("dispatched to an instance that is not ready");
    if (instance.demand.name !== record.function)
      throw new Error("dispatched to another function's instance");
    if (instance.isTemplate) throw new Error("dispatched to a template");
    if (instance.wish !== record.wish)
      throw new Error("dispatched to an instance that was started otherwise");
    if (instance.running.size >= (instance.wish === undefined ? instance.demand.concurrency : 1))
      throw new Error("dispatched beyond the concurrency");
    record.outcome = "running";
    record.dispatched = this.now;
    record.cold = command.cold;
    instance.running.add(command.invocation);
    const { machine, cpus } = instance;
    if (command.pace !== undefined)
      this.#clocks.dispatched(command.invocation, { machine, cpus, clocks: command.pace.clocks });
    record.pace = command.pace;
    const isLost = this.#random.next() < this.#behaviour.failures;
    this.#schedule(this.now + this.#behaviour.serviceTime(this.#random, record.function), () => {
      if (!instance.running.has(command.invocation)) return;
      if (isLost) this.#lose(command.instance, instance);
      else this.#finish(command.invocation, command.instance, instance);
    });
  }

  #finish(invocation: InvocationNumber, number: InstanceNumber, instance: LiveInstance): void {
    instance.running.delete(invocation);
    const record = this.invocations.get(invocation);
    if (record?.outcome !== "running") throw new Error("finished what does not run");
    record.outcome = "finished";
    record.finished = this.now;
    this.#clocks.finished(invocation);
    const isInstanceLost = instance.state === "dying";
    const measured = { power: undefined, counters: new Float64Array() };
    this.send({ kind: "invocation-finished", invocation, instance: number, isInstanceLost, measured });
  }

  /** The instance dies: its invocations are reported as finished, then its end. */
  #lose(number: InstanceNumber, instance: LiveInstance): void {
    instance.state = "dying";
    this.#clocks.settled(number);
    for (const invocation of instance.running) this.#finish(invocation, number, instance);
    this.#books.instances.delete(number);
    this.send({
      kind: "instance-ended",
      instance: number,
      failure: { code: "function-crashed", message: "died" },
    });
  }

  /** The record of an invocation that may be dispatched or refused: each only once (D1). */
  #waiting(invocation: InvocationNumber): VirtualInvocation {
    const record = this.invocations.get(invocation);
    if (record?.outcome !== "waiting") throw new Error(`invocation ${invocation} was served twice (D1)`);
    return record;
  }

  #schedule(at: number, action: () => void): void {
    this.#agenda.push({ at, sequence: this.#sequence++, action });
  }
}
