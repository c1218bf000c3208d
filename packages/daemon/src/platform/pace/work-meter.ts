/**
 * Counts what an execution did, for the models of pace: by the processor's counters where instances are bound to processors and
 * the counters can be read, else by what the instance reports of itself.
 */
import { type CounterSet, hardwareCounters, softwareCounters } from "@frugal/predict";
import type { CounterAmounts, CounterEvent, CounterPort, Counters, CounterSnapshot } from "@frugal/machine";

/** What the model is told of, in its order; the kernel names stalls by their place. */
const counted: readonly (readonly CounterEvent[])[] = [
  ["cycles"],
  ["instructions"],
  ["cacheReferences"],
  ["cacheMisses"],
  ["stalledBackend", "stalledFrontend"],
];

/** Without these the processor's counters say less than the kernel's. */
const needed: readonly CounterEvent[] = ["cycles", "instructions", "cacheMisses"];

export class WorkMeter {
  /** What the counters of its executions are. */
  readonly set: CounterSet;
  readonly #port: CounterPort | undefined;

  /** `countable`: the events that can be counted on this host. */
  constructor(port: CounterPort | undefined, countable: readonly CounterEvent[]) {
    const isHardware = port !== undefined && needed.every((event) => countable.includes(event));
    this.#port = isHardware ? port : undefined;
    this.set = isHardware ? hardwareCounters : softwareCounters;
  }

  /** Counts for an instance that executes one invocation at a time; undefined where it is not counted by the processor. */
  attach(folder: string | undefined, cpus: readonly number[] | undefined): InstanceWork | undefined {
    if (this.#port === undefined || folder === undefined || cpus === undefined) return undefined;
    return new InstanceWork(this.#port.open({ kind: "cgroup", folder, cpus }, counted.flat()));
  }
}

/** The counters of one instance. */
export class InstanceWork {
  readonly #counters: Counters;

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  begin(): CounterSnapshot {
    return this.#counters.snapshot();
  }

  /** What was counted since `before`, in the model's order. */
  end(before: CounterSnapshot): Float64Array {
    const amounts = this.#counters.between(before, this.#counters.snapshot());
    return Float64Array.from(counted, (events) => amountOf(amounts, events));
  }

  close(): void {
    this.#counters.close();
  }
}

/** Of the first event that was counted; NaN where none was. */
function amountOf(amounts: CounterAmounts, events: readonly CounterEvent[]): number {
  for (const event of events) {
    const amount = amounts.get(event);
    if (amount?.kind === "counted") return amount.amount;
  }
  return NaN;
}
