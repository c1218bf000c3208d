/**
 * What follows from the result of one attempt: success, another attempt, or failure for good.
 *
 * A refusal that may pass (overload, draining) is no attempt, and neither is one that the platform's own end cut off: the
 * invocation waits and nothing is counted. An error of the
 * function, or an instance lost under it, is one; after the function's retries it fails for good.
 */
import {
  errorCatalogue,
  type ErrorReport,
  plus,
  scaled,
  type Seconds,
  seconds,
  smallest,
} from "@frugal/core";
import type { InvocationResult } from "../platform/platform.ts";
import type { AsyncError, AttemptFacts } from "./async-invocation.ts";
import type { ClaimedInvocation, Ending } from "./queue-table.ts";

export interface RetryRules {
  /** Before the second attempt; doubles with every further one. */
  readonly firstDelay: Seconds;
  readonly longestDelay: Seconds;
}

/** How long a refused invocation waits where the refusal does not say. */
const refusalDelay = seconds(1);

/** The ending of an attempt at `now`, for a function with so many `retries`. */
export function endingOf(
  invocation: ClaimedInvocation,
  result: InvocationResult,
  retries: number,
  { rules, now }: { readonly rules: RetryRules; readonly now: Seconds },
): Ending {
  const { sequence, attempts } = invocation;
  if (result.kind === "refused") {
    const { error, retryAfter } = result;
    if (retryAfter !== undefined || errorCatalogue[error.code].retryable)
      return { kind: "again", sequence, at: plus(now, retryAfter ?? refusalDelay), isCounted: false };
    if (!isFunctionsFault(error))
      return { kind: "failed", sequence, error: { kind: "platform-error", error }, facts: undefined };
    return failedAttempt({ kind: "platform-error", error }, undefined);
  }
  const facts = factsOf(result);
  switch (result.outcome.kind) {
    case "success":
      return { kind: "succeeded", sequence, result: result.outcome.payload, facts };
    case "function-error":
      return failedAttempt({ kind: "function-error", error: result.outcome.error }, facts);
    case "lost":
      if (result.outcome.error.code === "shutting-down")
        return { kind: "again", sequence, at: plus(now, refusalDelay), isCounted: false };
      return failedAttempt({ kind: "platform-error", error: result.outcome.error }, facts);
  }

  function failedAttempt(error: AsyncError, facts: AttemptFacts | undefined): Ending {
    if (attempts > retries) return { kind: "failed", sequence, error, facts };
    const delay = smallest(rules.longestDelay, scaled(rules.firstDelay, 2 ** (attempts - 1)));
    return { kind: "again", sequence, at: plus(now, delay), isCounted: true };
  }
}

/** Errors that the catalogue answers with 200 are the function's own, such as a failed initialisation. */
const isFunctionsFault = (error: ErrorReport): boolean => errorCatalogue[error.code].status === 200;

const factsOf = (result: InvocationResult & { readonly kind: "executed" }): AttemptFacts => ({
  start: result.start,
  wait: result.wait,
  duration: result.duration,
  energy: result.energy,
});
