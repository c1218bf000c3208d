import type { EnergyReading } from "@frugal/core";
import type { ClockMode, CounterAmounts } from "@frugal/machine";
import type { ClockDesk } from "./clock-desk.ts";

/** The machine as others may want to see and drive it. */
export interface NodeState {
  readonly machine: string;
  /** How the platform chooses clocks. */
  readonly policy: string;
  readonly mode: ClockMode;
  /** Undefined where the clocks are left alone. */
  readonly desk: ClockDesk | undefined;
  readonly energy: EnergyReading;
  /** Of all processes, since they were asked for first. */
  readonly counters: CounterAmounts;
  /** Since boot, of all processors. */
  readonly cpuBusySeconds: number | undefined;
}
