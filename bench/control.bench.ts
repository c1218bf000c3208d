/**
 * How many events a second the control plane handles on one core.
 *
 * A closed loop in virtual time over 200 functions on 16 machines: every dispatched invocation finishes after its service
 * time and another arrives, so arrivals, queueing, starts, keep-alive and eviction all take part. Only `handle` and the
 * bench's own event queue run; half of the events are arrivals, the rest outcomes, starts, ends and timers.
 */
import { Control, type Event } from "@frugal/control";
import {
  cores,
  type FunctionName,
  functionName,
  invocationNumber,
  machineName,
  mebibytes,
  seconds,
  seededRandom,
} from "@frugal/core";
import { type Bench, median } from "./bench.ts";

const FUNCTIONS = 200;
const MACHINES = 16;

export const bench: Bench = {
  question: "how many events a second does the control plane handle on one core?",
  run({ rounds, seconds: length, note }) {
    const shares: Record<string, number> = {};
    const events = Math.round(length * 300_000);
    const rates: number[] = [];
    for (let round = 0; round < rounds; round++) {
      note(`round ${round + 1} of ${rounds}: ${events} events`);
      rates.push(runOnce(events, shares));
    }
    for (const kind of Object.keys(shares)) shares[kind] = (shares[kind] ?? 0) / (rounds * events);
    const eventsPerSecond = median(rates);
    const document = { eventsPerSecond, rounds: rates, events, shares };
    return Promise.resolve({
      document,
      text: `${Math.round(eventsPerSecond)} events/s (median of ${rounds})\n`,
    });
  },
};

/** Events sorted into a ring of time slots of one millisecond; those of one slot come in the order of their making. */
class SlotQueue {
  readonly #slots: Event[][] = Array.from({ length: 4096 }, () => []);
  #slot = 0;
  #position = 0;

  get now(): number {
    return this.#slot / 1000;
  }

  after(delaySeconds: number, event: Event): void {
    const slots = 1 + Math.min(4000, Math.floor(delaySeconds * 1000));
    this.#slots[(this.#slot + slots) % 4096]?.push(event);
  }

  next(): Event {
    for (;;) {
      const events = this.#slots[this.#slot % 4096] ?? [];
      const event = events[this.#position++];
      if (event !== undefined) return event;
      events.length = 0;
      this.#slot++;
      this.#position = 0;
    }
  }
}

function runOnce(events: number, shares: Record<string, number>): number {
  const random = seededRandom(7);
  const control = new Control({ keepAlive: "hybrid-histogram", maxWaiting: 1_000_000 });
  const queue = new SlotQueue();
  const names: FunctionName[] = [];
  const functionOf = new Map<number, FunctionName>();
  let invocations = 0;
  const arrive = (name: FunctionName, delay: number): void => {
    const invocation = invocationNumber(++invocations);
    functionOf.set(invocation, name);
    queue.after(delay, { kind: "invocation-arrived", invocation, function: name });
  };
  const handle = (event: Event): void => {
    for (const command of control.handle(event, seconds(queue.now))) {
      switch (command.kind) {
        case "start-instance":
          queue.after(0.2, {
            kind: "instance-ready",
            instance: command.instance,
            start: command.start,
            cpu: undefined,
            memory: undefined,
          });
          break;
        case "stop-instance":
          queue.after(0.005, { kind: "instance-ended", instance: command.instance, failure: undefined });
          break;
        case "dispatch": {
          const { invocation, instance } = command;
          queue.after(random.next() * 0.1, {
            kind: "invocation-finished",
            invocation,
            instance,
            isInstanceLost: false,
          });
          arrive(functionOf.get(invocation) ?? functionName("f0"), random.next() * 0.1);
          functionOf.delete(invocation);
          break;
        }
        case "refuse":
          arrive(functionOf.get(command.invocation) ?? functionName("f0"), 1);
          functionOf.delete(command.invocation);
          break;
        case "set-timer":
          queue.after(command.at - queue.now, { kind: "timer-fired" });
          break;
        // These machines have no clocks that could be set.
        case "set-core-clock":
        case "set-uncore-clock":
        case "sample-load":
      }
    }
  };
  for (let i = 0; i < MACHINES; i++) {
    const name = machineName(`m${i}`);
    handle({
      kind: "machine-joined",
      machine: {
        name,
        cores: cores(32),
        memory: mebibytes(65_536),
        instances: 400,
        starts: 32,
        snapshots: false,
      },
    });
  }
  for (let i = 0; i < FUNCTIONS; i++) {
    const name = functionName(`f${i}`);
    names.push(name);
    handle({
      kind: "function-deployed",
      demand: {
        name,
        revision: 1,
        memory: mebibytes(256),
        cores: cores(1),
        concurrency: 1,
        provisioned: 0,
        maxInstances: 50,
        maxQueue: 1000,
        queueTimeout: seconds(60),
        deadline: undefined,
        snapshot: "off",
      },
    });
  }
  for (let i = 0; i < FUNCTIONS * 5; i++) arrive(names[i % FUNCTIONS] ?? functionName("f0"), random.next());
  for (let i = 0; i < 100_000; i++) handle(queue.next());
  const started = process.hrtime.bigint();
  for (let i = 0; i < events; i++) {
    const event = queue.next();
    shares[event.kind] = (shares[event.kind] ?? 0) + 1;
    handle(event);
  }
  return events / (Number(process.hrtime.bigint() - started) / 1e9);
}
