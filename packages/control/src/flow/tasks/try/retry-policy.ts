/**
 * When a try task tries again: `catch.retry`, in place or by a name under `use.retries`.
 *
 * The delay before retry n is the policy's delay (constant), n times it (linear) or 2^(n-1) times it (exponential), plus a
 * jitter drawn evenly between its bounds. `limit.attempt.count` counts retries, not the first attempt.
 */
import { hours, seconds, type Seconds, smallest } from "@frugal/core";
import { member, numberIn } from "../../data/json-value.ts";
import type { WorkflowFault } from "../../fault.ts";
import type { Json } from "../../json.ts";
import type { Execution } from "../../perform/execution.ts";
import { passes } from "./error-filter.ts";

/** An attempt that has faulted. */
interface FaultedAttempt {
  readonly fault: WorkflowFault;
  /** 1 is the first. */
  readonly attempt: number;
  /** Age of the run when the first one faulted. */
  readonly since: number;
}

/** Exponential delays soon exceed what a timer can hold. */
const longestDelay = hours(24 * 366);

export function retryPolicyOf(execution: Execution): Json | undefined {
  const declared = execution.property("catch", "retry");
  return typeof declared === "string" ? execution.run.reusable("retries", declared) : declared;
}

/** How long one attempt may take; undefined where the policy does not say. */
export const attemptLimit = (execution: Execution, policy: Json | undefined): Seconds | undefined =>
  durationIn(execution, policy, "limit", "attempt", "duration");

/** Age of the run at which the next attempt is due; undefined where the policy says to stop. */
export function retryTime(execution: Execution, policy: Json, faulted: FaultedAttempt): Seconds | undefined {
  if (!passes(execution, faulted.fault, policy)) return undefined;
  const count = numberIn(policy, "limit", "attempt", "count");
  if (count !== undefined && faulted.attempt > count) return undefined;
  const at = seconds(execution.run.elapsed + delayOf(execution, policy, faulted.attempt));
  const duration = durationIn(execution, policy, "limit", "duration");
  return duration !== undefined && at > faulted.since + duration ? undefined : at;
}

function delayOf(execution: Execution, policy: Json, attempt: number): Seconds {
  const delay = durationIn(execution, policy, "delay") ?? 0;
  const backoff = member(policy, "backoff");
  const factor =
    member(backoff, "exponential") !== undefined
      ? 2 ** (attempt - 1)
      : member(backoff, "linear") !== undefined
        ? attempt
        : 1;
  return smallest(seconds(delay * factor + jitterOf(execution, policy, attempt)), longestDelay);
}

function jitterOf(execution: Execution, policy: Json, attempt: number): number {
  const from = durationIn(execution, policy, "jitter", "from");
  const to = durationIn(execution, policy, "jitter", "to");
  if (from === undefined || to === undefined) return 0;
  const { run, site } = execution;
  const stream = run.engine.options.random.split(`jitter ${run.id} ${site.key} ${attempt}`);
  return from + stream.next() * Math.max(0, to - from);
}

function durationIn(
  execution: Execution,
  policy: Json | undefined,
  ...path: readonly string[]
): Seconds | undefined {
  const declared = member(policy, ...path);
  return declared === undefined ? undefined : execution.duration(declared);
}
