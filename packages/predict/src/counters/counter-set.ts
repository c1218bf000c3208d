/**
 * What is counted of an execution, and which part of the machine each counter speaks of.
 *
 * Two standard sets: hardware counters, where the machine has a PMU that it lets us read, and what every kernel knows. A counter
 * that was not read is NaN.
 */

/** What makes an execution's time and power: scales with the core's clock, with the uncore's, or with neither. */
export type Part = "core" | "uncore" | "memory";

export interface Counter {
  readonly name: string;
  /** Parts of the machine that it may cost time or power; how much of each is fitted. */
  readonly parts: readonly Part[];
  /**
   * What the same execution would have counted at other clocks: `work` the same, `seconds` more where it takes longer, `cycles` as
   * many as the core makes in that time.
   */
  readonly grows: "work" | "seconds" | "cycles";
}

export interface CounterSet {
  readonly name: string;
  readonly counters: readonly Counter[];
  /** Index of the counter that tells how long processors were busy: in seconds or in cycles, as it says itself. */
  readonly busy: number;
  readonly isHardware: boolean;
}

const everywhere: readonly Part[] = ["core", "uncore", "memory"];

/** Counted by the processor (linux perf). Cycles take the split's assumption; the others say how functions differ from it. */
export const hardwareCounters: CounterSet = {
  name: "hardware",
  counters: [
    { name: "cycles", parts: everywhere, grows: "cycles" },
    { name: "instructions", parts: ["core"], grows: "work" },
    { name: "cacheReferences", parts: ["uncore"], grows: "work" },
    { name: "cacheMisses", parts: ["memory"], grows: "work" },
    { name: "stalledCycles", parts: ["uncore", "memory"], grows: "cycles" },
  ],
  busy: 0,
  isHardware: true,
};

/** Counted by the kernel. These cannot tell a function that computes from one that waits for memory; varied clocks can. */
export const softwareCounters: CounterSet = {
  name: "software",
  counters: [
    { name: "cpuSeconds", parts: everywhere, grows: "seconds" },
    { name: "pageFaults", parts: ["memory"], grows: "work" },
    { name: "payloadBytes", parts: ["memory"], grows: "work" },
  ],
  busy: 0,
  isHardware: false,
};

export const counterSets: readonly CounterSet[] = [hardwareCounters, softwareCounters];
