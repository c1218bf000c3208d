/**
 * How many instances a function's waiting invocations deserve.
 *
 * One for each that neither a start under way nor, within the time that a start takes, an instance at work will get to:
 * a burst of short invocations does not start instances that would come too late to help. As long as the instances make
 * progress, that expectation holds; when nothing was finished for as long as a start takes, the first waiting invocation
 * is owed an instance whatever was expected: the estimate was wrong, or the instances hang.
 */
import type { Seconds } from "@frugal/core";

export interface ScalingSituation {
  readonly waiting: number;
  /** Whether the first of them has waited, without any progress, for as long as a start takes. */
  readonly isOwed: boolean;
  /** Invocations that the instances being started can take at once. */
  readonly comingSlots: number;
  /** Invocations that the ready instances execute at once. */
  readonly readySlots: number;
  /** Undefined until an invocation was seen that was not the first of its instance. */
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
  const { readySlots, serviceTime, startTime, isOwed } = situation;
  if (readySlots === 0 || startTime === undefined || isOwed) return 0;
  if (serviceTime === undefined || serviceTime === 0) return Infinity;
  return Math.floor((readySlots * startTime) / serviceTime);
}
