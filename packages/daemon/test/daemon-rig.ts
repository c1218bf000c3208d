/**
 * Everything of the daemon but its platform, on a temporary data directory and a loopback port.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "@frugal/core";
import { loadApiKey } from "../src/auth/api-key.ts";
import { ApiKeyAuthenticator, openAuthenticator } from "../src/auth/authenticator.ts";
import { type DaemonOptions, resolveConfig } from "../src/config.ts";
import { createHttpServer, type HttpServer } from "../src/http/http-server.ts";
import { LogStore } from "../src/logs/log-store.ts";
import { Metrics } from "../src/metrics/metrics.ts";
import { ClockDesk } from "../src/platform/pace/clock-desk.ts";
import { systemClock } from "../src/platform/system-clock.ts";
import { AsyncQueue } from "../src/queue/async-queue.ts";
import { queueOptions } from "../src/queue/queue-options.ts";
import { CodeStore } from "../src/registry/code-store.ts";
import { openDatabase } from "../src/registry/database.ts";
import { Deployments } from "../src/registry/deployments.ts";
import { FunctionStore } from "../src/registry/function-store.ts";
import { Workflows } from "../src/workflows/workflows.ts";
import { FakeClocks } from "./fake-clocks.ts";
import { FakePlatform } from "./fake-platform.ts";
import { FakeSnapshots } from "./fake-snapshots.ts";

export interface DaemonRig {
  readonly url: string;
  readonly key: string;
  readonly dataDirectory: string;
  readonly platform: FakePlatform;
  readonly snapshots: FakeSnapshots;
  readonly store: FunctionStore;
  readonly deployments: Deployments;
  readonly queue: AsyncQueue;
  readonly workflows: Workflows;
  readonly logs: LogStore;
  readonly database: DatabaseSync;
  readonly server: HttpServer;
  readonly clocks: FakeClocks;
  /** Ends it and removes its data, unless they are `kept`. */
  close(kept?: "kept"): Promise<void>;
}

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), "frugal-daemon-"));

export async function startRig(
  options: Partial<DaemonOptions> = {},
  clock: Clock = systemClock,
): Promise<DaemonRig> {
  const dataDirectory = options.dataDirectory ?? temporaryFolder();
  const config = resolveConfig({ port: 0, ...options, dataDirectory }, {});
  const database = openDatabase(dataDirectory);
  const code = new CodeStore(dataDirectory);
  const store = new FunctionStore(database, (sha256) => code.folderOf(sha256));
  const platform = new FakePlatform();
  const deployments = new Deployments({ store, code, platform, clock });
  await deployments.restore();
  const queue = new AsyncQueue({
    database,
    platform,
    functions: store,
    clock,
    options: queueOptions(config.async),
  });
  const logs = new LogStore(dataDirectory, clock, config.logs);
  const snapshots = new FakeSnapshots();
  const metrics = new Metrics({ platform, queue, logs, snapshots });
  const workflows = new Workflows({
    database,
    platform,
    functions: store,
    clock,
    config: config.workflows,
    complain: (fault) => {
      throw fault;
    },
  });
  workflows.observe(metrics.workflows);
  platform.observers.push(metrics, logs);
  const { key, path } = loadApiKey(dataDirectory);
  const authenticator = config.auth ? new ApiKeyAuthenticator(key, path, clock) : openAuthenticator;
  const host = () => ({ facts: [] });
  const clocks = new FakeClocks();
  const desk = new ClockDesk(clocks, clock);
  const server = await createHttpServer({
    platform,
    store,
    deployments,
    queue,
    snapshots,
    workflows,
    clock,
    logs,
    metrics,
    authenticator,
    host,
    clocks: config.pace.clocks === "off" ? undefined : desk,
    node: () => ({
      machine: "local",
      policy: config.pace.policy,
      mode: config.pace.clocks,
      desk: config.pace.clocks === "off" ? undefined : desk,
      energy: { kind: "unavailable", reason: "nothing is measured in a test" },
      counters: new Map(),
      cpuBusySeconds: undefined,
    }),
    config,
  });
  const close = async (kept?: "kept"): Promise<void> => {
    queue.stop();
    workflows.stop();
    await server.close();
    queue.close();
    workflows.close();
    await logs.close();
    database.close();
    if (kept === undefined) rmSync(dataDirectory, { recursive: true, force: true });
  };
  try {
    const url = await server.listen();
    queue.start();
    workflows.start();
    const stores = { store, deployments, queue, workflows, logs, database };
    return { url, key, dataDirectory, platform, snapshots, ...stores, server, clocks, close };
  } catch (error) {
    await close();
    throw error;
  }
}
