/**
 * The queue's bounds, from the daemon's configuration.
 */
import { type Seconds, seconds } from "@frugal/core";
import type { DaemonConfig } from "../config.ts";
import type { RetryRules } from "./attempt.ts";
import type { Retention } from "./retention.ts";

export interface AsyncQueueOptions {
  readonly maxInFlight: number;
  /** Most unfinished invocations; more are refused. */
  readonly maxQueued: number;
  /** Most bytes of unfinished invocations' payloads; more are refused. */
  readonly maxQueuedBytes: number;
  /** An invocation that could not be attempted for so long fails. */
  readonly maxAge: Seconds;
  readonly retries: RetryRules;
  readonly retention: Retention;
}

export const queueOptions = (config: DaemonConfig["async"]): AsyncQueueOptions => ({
  maxInFlight: config.maxInFlight,
  maxQueued: config.maxQueued,
  maxQueuedBytes: config.maxQueuedBytes,
  maxAge: seconds(config.maxAgeSeconds),
  retries: {
    firstDelay: seconds(config.retryDelaySeconds),
    longestDelay: seconds(config.maxRetryDelaySeconds),
  },
  retention: { age: seconds(config.keepSeconds), count: config.keepCount, bytes: config.keepBytes },
});
