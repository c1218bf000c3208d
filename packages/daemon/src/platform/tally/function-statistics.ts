import type { FunctionOccupancy } from "@frugal/control";
import type { EnergyReading, FunctionName } from "@frugal/core";
import type { FunctionTally } from "./function-tally.ts";
import type { FunctionStatistics } from "../platform.ts";

const nothing: FunctionOccupancy = { starting: 0, idle: 0, busy: 0, waiting: 0 };

/** One function's numbers, from those who count them. */
export function functionStatistics(
  name: FunctionName,
  { invocations, errors, refused, coldStarts, cpu }: FunctionTally,
  occupancy: FunctionOccupancy | undefined,
  energy: EnergyReading,
): FunctionStatistics {
  const { starting, idle, busy, waiting } = occupancy ?? nothing;
  const instances = { starting, idle, busy };
  return { name, instances, waiting, invocations, errors, refused, coldStarts, cpu, energy };
}
