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
import { systemClock } from "../src/platform/system-clock.ts";
import { AsyncQueue } from "../src/queue/async-queue.ts";
import { queueOptions } from "../src/queue/queue-options.ts";
import { CodeStore } from "../src/registry/code-store.ts";
import { openDatabase } from "../src/registry/database.ts";
import { Deployments } from "../src/registry/deployments.ts";
import { FunctionStore } from "../src/registry/function-store.ts";
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
  readonly logs: LogStore;
  readonly database: DatabaseSync;
  readonly server: HttpServer;
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
  platform.observers.push(metrics, logs);
  const { key, path } = loadApiKey(dataDirectory);
  const authenticator = config.auth ? new ApiKeyAuthenticator(key, path, clock) : openAuthenticator;
  const host = () => ({ facts: [] });
  const server = await createHttpServer({
    platform,
    store,
    deployments,
    queue,
    snapshots,
    logs,
    metrics,
    authenticator,
    host,
    config,
  });
  const close = async (kept?: "kept"): Promise<void> => {
    queue.stop();
    await server.close();
    queue.close();
    await logs.close();
    database.close();
    if (kept === undefined) rmSync(dataDirectory, { recursive: true, force: true });
  };
  try {
    const url = await server.listen();
    queue.start();
    const stores = { store, deployments, queue, logs, database };
    return { url, key, dataDirectory, platform, snapshots, ...stores, server, close };
  } catch (error) {
    await close();
    throw error;
  }
}
