/**
 * An asynchronous invocation, as the queue keeps it and the API shows it.
 */
import type { EnergyReading, ErrorReport, Seconds } from "@frugal/core";
import type { FunctionError } from "@frugal/sandbox";
import type { Warmth } from "../platform/platform.ts";

/** What somebody hands in. */
export interface AsyncRequest {
  /** A UUID, the invocation's id from now on. */
  readonly requestId: string;
  readonly function: string;
  /** A JSON document. */
  readonly payload: Uint8Array;
  readonly traceId: string | undefined;
  readonly clientContext: string | undefined;
}

/** Why an invocation failed for good: its function's own error, or the platform's report. */
export type AsyncError =
  | { readonly kind: "function-error"; readonly error: FunctionError }
  | { readonly kind: "platform-error"; readonly error: ErrorReport };

/** How the last attempt went. */
export interface AttemptFacts {
  readonly start: Warmth;
  readonly wait: Seconds;
  readonly duration: Seconds;
  readonly energy: EnergyReading;
}

interface AsyncBase {
  readonly requestId: string;
  readonly function: string;
  /** Attempts that were made, or are being made. */
  readonly attempts: number;
  /** Seconds since 1970. */
  readonly acceptedAt: Seconds;
}

export type AsyncInvocation =
  | (AsyncBase & { readonly kind: "queued"; readonly nextAttemptAt: Seconds })
  | (AsyncBase & { readonly kind: "running" })
  | (AsyncBase & {
      readonly kind: "succeeded";
      readonly finishedAt: Seconds;
      readonly result: Uint8Array;
      readonly facts: AttemptFacts | undefined;
    })
  | (AsyncBase & {
      readonly kind: "failed";
      readonly finishedAt: Seconds;
      readonly error: AsyncError;
      readonly facts: AttemptFacts | undefined;
    });
