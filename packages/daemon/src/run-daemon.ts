/**
 * Composition root of the live platform: makes every part, connects them, and takes them down in order.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import {
  type ControlOptions,
  type KeepAlivePolicyName,
  keepAlivePolicyNames,
  type MachineCapacity,
} from "@frugal/control";
import { bytes, cores, FrugalError, machineName, seconds } from "@frugal/core";
import {
  hostFacts,
  loadReferenceServers,
  type MachineEnergy,
  openMachineEnergy,
  runningHost,
} from "@frugal/machine";
import { openSandbox, type Sandbox } from "@frugal/sandbox";
import { loadApiKey } from "./auth/api-key.ts";
import { ApiKeyAuthenticator, type Authenticator, openAuthenticator } from "./auth/authenticator.ts";
import { type DaemonConfig, type DaemonOptions, resolveConfig } from "./config.ts";
import { createHttpServer } from "./http/http-server.ts";
import { LogStore } from "./logs/log-store.ts";
import type { InvocationObserver } from "./metrics/invocation-observer.ts";
import { Metrics } from "./metrics/metrics.ts";
import { LivePlatform } from "./platform/live-platform.ts";
import { systemClock } from "./platform/system-clock.ts";
import { AsyncQueue } from "./queue/async-queue.ts";
import { queueOptions } from "./queue/queue-options.ts";
import { CodeStore } from "./registry/code-store.ts";
import { openDatabase } from "./registry/database.ts";
import { Deployments } from "./registry/deployments.ts";
import { FunctionStore } from "./registry/function-store.ts";

export interface RunningDaemon {
  readonly url: string;
  /** Undefined where none is asked for. */
  readonly apiKey: string | undefined;
  /** What this host cannot enforce or measure, one sentence each with its consequence. */
  readonly limitations: readonly string[];
  /** Takes no new work, lets running invocations finish for a while, then stops everything. */
  close(): Promise<void>;
}

/** Invocations that may wait over all functions. */
const MOST_WAITING = 10_000;
const DEFAULT_KEEP_ALIVE: KeepAlivePolicyName = "hybrid-histogram";

/** Starts a platform in this process. Throws FrugalError where it cannot run as asked. */
export async function runDaemon(options: Partial<DaemonOptions>): Promise<RunningDaemon> {
  const config = resolveConfig(options);
  const control = controlOptions(config);
  const closers = new Closers();
  try {
    const database = openDatabase(config.dataDirectory);
    closers.add(() => database.close());
    const logs = new LogStore(config.dataDirectory, systemClock, config.logs);
    closers.add(() => logs.close());
    const host = await openHost(config);
    const observers: InvocationObserver[] = [logs];
    const platform = openPlatform({ config, control, host, logs, observers });
    closers.add(() => platform.close(seconds(0)));
    const code = new CodeStore(config.dataDirectory);
    const store = new FunctionStore(database, (sha256) => code.folderOf(sha256));
    const deployments = new Deployments({ store, code, platform, clock: systemClock });
    const problems = await deployments.restore();
    const queue = new AsyncQueue({
      database,
      platform,
      functions: store,
      clock: systemClock,
      options: queueOptions(config.async),
    });
    closers.add(() => queue.close());
    const { snapshots } = platform;
    const metrics = new Metrics({ platform, queue, logs, snapshots });
    observers.push(metrics);
    const limitations = [...host.limitations, ...problems];
    const apiKey = config.auth ? loadApiKey(config.dataDirectory) : undefined;
    const server = await createHttpServer({
      platform,
      store,
      deployments,
      queue,
      snapshots,
      logs,
      metrics,
      authenticator: authenticatorOf(apiKey),
      host: () => hostView(host, limitations),
      config,
    });
    const url = await server.listen();
    queue.start();
    const closeAll = async (): Promise<void> => {
      server.drain();
      queue.stop();
      // The platform before the server: callers wait for results on its connections.
      await platform.close(seconds(config.drainSeconds));
      await server.close();
      await closers.closeAll();
    };
    let closing: Promise<void> | undefined;
    return { url, apiKey: apiKey?.key, limitations, close: () => (closing ??= closeAll()) };
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

const authenticatorOf = (apiKey: ReturnType<typeof loadApiKey> | undefined): Authenticator =>
  apiKey === undefined ? openAuthenticator : new ApiKeyAuthenticator(apiKey.key, apiKey.path, systemClock);

/** What was opened, to be closed in the opposite order. */
class Closers {
  readonly #closers: (() => Promise<void> | void)[] = [];

  add(close: () => Promise<void> | void): void {
    this.#closers.push(close);
  }

  async closeAll(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }
}

/** The parts that depend on what this host offers. */
interface Host {
  readonly sandbox: Sandbox;
  readonly energy: MachineEnergy;
  readonly limitations: readonly string[];
}

async function openHost(config: DaemonConfig): Promise<Host> {
  const { sizeBytes, reserve, hotBytes } = config.snapshots;
  const sandbox = await openSandbox({
    clock: systemClock,
    reserve,
    snapshots: {
      folder: join(config.dataDirectory, "snapshots"),
      size: bytes(sizeBytes),
      hot: bytes(hotBytes),
    },
    complain: (line) => process.stderr.write(`${line}\n`),
  });
  const energy = openMachineEnergy({ ...runningHost(), clock: systemClock, servers: loadReferenceServers() });
  const python = sandbox.runtimeProblem("python3");
  const limitations = [
    ...sandbox.limitations,
    ...(python === undefined ? [] : [`Functions in Python cannot run here: ${python}`]),
    ...(sandbox.snapshotProblem === undefined
      ? []
      : [`Functions cannot be snapshotted here, so all start by booting: ${sandbox.snapshotProblem}`]),
  ];
  return { sandbox, energy, limitations };
}

const hostView = ({ sandbox, energy }: Host, limitations: readonly string[]): object => ({
  isolation: sandbox.isolation,
  limitations,
  meter: energy.choice.meter.description,
  facts: hostFacts(),
});

interface PlatformWish {
  readonly config: DaemonConfig;
  readonly control: ControlOptions;
  readonly host: Host;
  readonly logs: LogStore;
  /** May grow until the first invocation. */
  readonly observers: readonly InvocationObserver[];
}

const openPlatform = ({ config, control, host, logs, observers }: PlatformWish): LivePlatform =>
  new LivePlatform({
    control,
    machine: machineOf(config, host),
    payloadBytes: bytes(config.capacity.payloadBytes),
    sandbox: host.sandbox,
    clock: systemClock,
    ledger: host.energy.ledger,
    sampler: host.energy.sampler,
    observe: (definition, result) => {
      for (const observer of observers) observer.observe(definition, result);
    },
    log: (fn, requestId, stream, text) => {
      logs.append(fn, requestId, stream, text);
    },
  });

function controlOptions({ keepAlive, startPolicy, startPolicyOptions }: DaemonConfig): ControlOptions {
  const { policy = DEFAULT_KEEP_ALIVE, options } = keepAlive;
  const name = keepAlivePolicyNames.find((known) => known === policy);
  if (name === undefined) {
    throw new FrugalError(
      "invalid-request",
      `No keep-alive policy is named "${policy}"\nThere are: ${keepAlivePolicyNames.join(", ")}`,
    );
  }
  return {
    keepAlive: name,
    keepAliveOptions: options,
    startPolicy,
    startPolicyOptions,
    maxWaiting: MOST_WAITING,
  };
}

const machineOf = ({ capacity }: DaemonConfig, { sandbox }: Host): MachineCapacity => ({
  name: machineName("local"),
  cores: cores(capacity.cores),
  memory: bytes(capacity.memoryBytes),
  instances: capacity.instances,
  starts: availableParallelism(),
  snapshots: sandbox.snapshots !== undefined,
});
