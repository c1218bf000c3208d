/**
 * The bounds of workflows, from the daemon's configuration.
 */
import { type Bytes, bytes, type Seconds, seconds } from "@frugal/core";
import type { DaemonConfig } from "../../config.ts";
import type { JqLimits } from "../expressions/jq-thread.ts";
import type { Retention } from "../../queue/retention.ts";

export interface HttpLimits {
  /** For a call, from its start to the end of the answer. */
  readonly time: Seconds;
  /** Of an answer's body. */
  readonly body: Bytes;
}

export interface RunnerOptions {
  /** Most runs at a time; more are refused. */
  readonly maxRunning: number;
  readonly retention: Retention;
  readonly expressions: JqLimits;
  readonly http: HttpLimits;
  /** Where lifecycle events and emitted ones are posted; undefined: nowhere. */
  readonly eventSink: string | undefined;
}

export const runnerOptions = (config: DaemonConfig["workflows"]): RunnerOptions => ({
  maxRunning: config.maxRunning,
  retention: { age: seconds(config.keepSeconds), count: config.keepCount, bytes: config.keepBytes },
  expressions: { time: seconds(config.expressionSeconds), memory: bytes(config.expressionBytes) },
  http: { time: seconds(config.httpSeconds), body: bytes(config.httpBytes) },
  eventSink: config.eventSink,
});
