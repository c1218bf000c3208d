/**
 * How many instances a function's waiting invocations deserve.
 *
 * One for each that neither a start under way nor, within the time that a start takes, an instance at work will get to:
 * a burst of short invocations does not start instances that would come too late to help. An invocation that has waited
 * for longer than a start takes is owed an instance, whatever was expected: the estimate was wrong, or the others hang.
 */
import type { Seconds } from "@frugal/core";

export interface ScalingSituation {
  readonly waiting: number;
  /** Whether the first of them has waited for as long as a start takes. */
  readonly isOwed: boolean;
  /** Invocations that the instances being started can take at once. */
  readonly comingSlots: number;
  /** Invocations that the ready instances execute at once. */
  readonly readySlots: number;
  /** Undefined while nothing was observed. */
  readonly serviceTime: Seconds | undefined;
  readonly startTime: Seconds | undefined;
  readonly concurrency: number;
}

export function startsWanted(situation: ScalingSituation): number {
  const uncovered = situation.waiting - situation.comingSlots - absorbed(situation);
  return uncovered <= 0 ? 0 : Math.ceil(uncovered / situation.concurrency);
}

/** Waiting invocations that ready instances will get to before a new instance could. */
function absorbed(situation: ScalingSituation): number {
  const { readySlots, serviceTime, startTime } = situation;
  if (readySlots === 0 || serviceTime === undefined || startTime === undefined) return 0;
  if (situation.isOwed) return 0;
  return serviceTime > 0 ? Math.floor((readySlots * startTime) / serviceTime) : Infinity;
}
