/**
 * Clocks that are not there: for a dry run on a host whose clocks cannot be set, with the steps of a reference machine.
 */
import type { ClockDomain, Hertz } from "@frugal/core";
import { groupedBy } from "../host/grouped-by.ts";
import type { LogicalProcessor } from "../host/topology.ts";
import { type ClockSearch, type HardwareClock, unavailable } from "./hardware-clock.ts";

/** A clock for each group of processors that `groupOf` tells; unavailable for `reason` where there are no steps. */
export function referenceClocks(
  processors: readonly LogicalProcessor[],
  groupOf: (processor: LogicalProcessor) => number,
  steps: readonly Hertz[],
  reason: string,
): ClockSearch {
  const groups = groupedBy(processors, groupOf);
  if (steps.length === 0 || groups.size === 0) return unavailable(reason);
  return {
    kind: "found",
    driver: "reference",
    means: "nothing: they are only thought of",
    clocks: [...groups].map(([id, members]) =>
      referenceClock(
        {
          id,
          cpus: members.map(({ cpu }) => cpu),
          socket: members[0]?.socket ?? 0,
          steps,
        },
        reason,
      ),
    ),
  };
}

const referenceClock = (domain: ClockDomain, reason: string): HardwareClock => ({
  domain,
  points: [],
  changesFor: () => [],
  read: () => unavailable(reason),
});
