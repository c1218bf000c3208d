import { constants } from "node:os";
import { type CounterEvent, counterEvents, eventPlans } from "../src/counters/counter-event.ts";
import type { PerfCalls, PerfPlace } from "../src/counters/perf/perf-calls.ts";

const NO_LEADER = -1;

interface OpenedEvent {
  readonly event: CounterEvent;
  readonly pid: number;
  readonly cpu: number;
  readonly leader: number;
}

/** What a place tells: nanoseconds that a group wanted to count and did, and counts by event. */
export interface FakeRegisters {
  readonly enabled: bigint;
  readonly running: bigint;
  readonly counts: Partial<Record<CounterEvent, bigint>>;
}

/** A kernel and its processors: what each place's registers hold is the test's to say. */
export class FakePerf implements PerfCalls {
  readonly opened = new Map<number, OpenedEvent>();
  /** Error numbers of events that cannot be opened. */
  readonly refused = new Map<CounterEvent, number>();
  hasEnded: (thread: number) => boolean = () => false;
  /** Hardware counters of a processor; the software events need none. */
  slots = 6;
  isSilent = false;
  /** By processor, or where it is any, by thread. */
  readonly registers = new Map<number, FakeRegisters>();
  #next = 100;

  open(attribute: Buffer, { pid, cpu }: PerfPlace, leader: number): number {
    const [type, config] = [attribute.readUInt32LE(0), Number(attribute.readBigUInt64LE(8))];
    const event = counterEvents.find(
      (name) => eventPlans[name].type === type && eventPlans[name].config === config,
    );
    if (event === undefined) return -constants.errno.ENOENT;
    if (this.hasEnded(pid)) return -constants.errno.ESRCH;
    const error = this.refused.get(event);
    if (error !== undefined) return -error;
    const isFull = eventPlans[event].isHardware && this.#group(leader).length >= this.slots;
    if (isFull) return -constants.errno.EINVAL;
    this.opened.set(++this.#next, { event, pid, cpu, leader });
    return this.#next;
  }

  read(descriptor: number, into: Uint8Array): number {
    if (this.isSilent) return 0;
    const events = this.#group(descriptor);
    const first = events[0];
    const { enabled, running, counts } = this.registers.get(
      first?.cpu === -1 ? first.pid : (first?.cpu ?? 0),
    ) ?? {
      enabled: 0n,
      running: 0n,
      counts: {},
    };
    const values = [
      BigInt(events.length),
      enabled,
      running,
      ...events.map(({ event }) => counts[event] ?? 0n),
    ];
    const bytes = new Uint8Array(BigUint64Array.from(values).buffer);
    into.set(bytes);
    return bytes.length;
  }

  close(descriptor: number): void {
    if (!this.opened.delete(descriptor)) throw new Error(`${descriptor} is not open`);
  }

  /** The leader first. */
  #group(leader: number): readonly OpenedEvent[] {
    if (leader === NO_LEADER) return [];
    return [...this.opened].flatMap(([descriptor, one]) =>
      descriptor === leader || one.leader === leader ? [one] : [],
    );
  }
}
