/**
 * Events that the kernel puts onto a processor's counters together, at one place: a cgroup on one processor, or a thread.
 *
 * One read gives, each in 64 bits: how many events there are, the nanoseconds for which the group wanted to count, those for
 * which it did, and the counts in the order in which the events joined.
 */
import { constants } from "node:os";
import { type CounterEvent, eventPlans } from "../counter-event.ts";
import { perfAttribute } from "./perf-attribute.ts";
import type { PerfCalls, PerfPlace } from "./perf-calls.ts";

export const ENABLED = 1;
export const RUNNING = 2;
export const FIRST_COUNT = 3;

const NO_LEADER = -1;

export class PerfGroup {
  readonly events: CounterEvent[] = [];
  readonly #calls: PerfCalls;
  readonly #place: PerfPlace;
  readonly #descriptors: number[] = [];

  constructor(calls: PerfCalls, place: PerfPlace) {
    this.#calls = calls;
    this.#place = place;
  }

  /** 0, or the positive error number. */
  add(event: CounterEvent): number {
    // What a thread starts is counted with it; a cgroup has all of its processes in it.
    const inherit = this.#place.cpu < 0;
    const attribute = perfAttribute({ ...eventPlans[event], inherit });
    const descriptor = this.#calls.open(attribute, this.#place, this.#descriptors[0] ?? NO_LEADER);
    if (descriptor < 0) return -descriptor;
    this.#descriptors.push(descriptor);
    this.events.push(event);
    return 0;
  }

  /** Undefined where the kernel does not answer, or it is closed. */
  read(): BigUint64Array | undefined {
    const [leader] = this.#descriptors;
    if (leader === undefined) return undefined;
    const registers = new BigUint64Array(FIRST_COUNT + this.events.length);
    try {
      const length = this.#calls.read(leader, new Uint8Array(registers.buffer));
      return length === registers.byteLength ? registers : undefined;
    } catch {
      return undefined;
    }
  }

  close(): void {
    for (const descriptor of this.#descriptors.splice(0)) this.#calls.close(descriptor);
  }
}

/** The groups of `events` at `place`, and the error numbers of those that cannot be counted there. */
export function openGroups(
  calls: PerfCalls,
  place: PerfPlace,
  planned: readonly (readonly CounterEvent[])[],
): { readonly groups: readonly PerfGroup[]; readonly refused: ReadonlyMap<CounterEvent, number> } {
  const groups: PerfGroup[] = [];
  const refused = new Map<CounterEvent, number>();
  for (const events of planned) {
    let group = new PerfGroup(calls, place);
    for (const event of events) {
      let error = group.add(event);
      // The processor has too few counters for one more at the same time: the others of the group come after it, apart.
      if (error === constants.errno.EINVAL && group.events.length > 0) {
        groups.push(group);
        group = new PerfGroup(calls, place);
        error = group.add(event);
      }
      if (error !== 0) refused.set(event, error);
    }
    if (group.events.length > 0) groups.push(group);
  }
  return { groups, refused };
}
