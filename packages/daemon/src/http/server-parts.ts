/**
 * What the HTTP server is made of.
 */
import type { Clock, FunctionName } from "@frugal/core";
import type { Authenticator } from "../auth/authenticator.ts";
import type { DaemonConfig } from "../config.ts";
import type { LogStore } from "../logs/log-store.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { ClockDesk } from "../platform/pace/clock-desk.ts";
import type { NodeState } from "../platform/pace/node-state.ts";
import type { Platform } from "../platform/platform.ts";
import type { SnapshotService } from "../platform/snapshots/snapshot-service.ts";
import type { AsyncQueue } from "../queue/async-queue.ts";
import type { Deployments } from "../registry/deployments.ts";
import type { FunctionStore } from "../registry/function-store.ts";
import type { Workflows } from "../workflows/workflows.ts";

export interface HttpServerParts {
  readonly platform: Platform;
  readonly store: FunctionStore;
  readonly deployments: Deployments;
  readonly queue: AsyncQueue;
  readonly snapshots: SnapshotService;
  readonly workflows: Workflows;
  readonly clock: Clock;
  readonly logs: LogStore;
  readonly metrics: Metrics;
  readonly authenticator: Authenticator;
  /** What `GET /v1/host` answers: facts about this host, as plain data. */
  readonly host: () => object | Promise<object>;
  /** Undefined where the clocks are left alone. */
  readonly clocks: ClockDesk | undefined;
  /** What `GET /v1/node` answers. */
  readonly node: () => NodeState;
  readonly config: Pick<DaemonConfig, "host" | "port" | "async">;
}

export interface ServerParts extends HttpServerParts {
  /** Clears what is kept of a removed function outside the registry. */
  readonly removed: (name: FunctionName) => Promise<void>;
}
