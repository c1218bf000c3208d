/**
 * Composition root of the live platform: makes every part, connects them, and takes them down in order.
 */
import { type ControlOptions, type KeepAlivePolicyName, keepAlivePolicyNames } from "@frugal/control";
import { bytes, FrugalError, messageOf, type Ratio, seconds } from "@frugal/core";
import { CpuLoads, runningHost } from "@frugal/machine";
import { loadApiKey } from "./auth/api-key.ts";
import { ApiKeyAuthenticator, type Authenticator, openAuthenticator } from "./auth/authenticator.ts";
import { type DaemonConfig, type DaemonOptions, resolveConfig } from "./config.ts";
import { Closers } from "./host/closers.ts";
import { type ClockPlace, clocksOfThisHost } from "./host/open-clock-desk.ts";
import { type Host, hostView, machineOf, nodeState, openHost } from "./host/open-host.ts";
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
import { Workflows, type WorkflowsParts } from "./workflows/workflows.ts";

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

/** Starts a platform in this process. Throws FrugalError where it cannot run as asked. Tests give clocks that are none of this host's. */
export async function runDaemon(
  wishes: Partial<DaemonOptions>,
  place: ClockPlace = clocksOfThisHost(),
): Promise<RunningDaemon> {
  const config = resolveConfig(wishes);
  const closers = new Closers();
  try {
    const database = openDatabase(config.dataDirectory);
    closers.add(() => database.close());
    const logs = new LogStore(config.dataDirectory, systemClock, config.logs);
    closers.add(() => logs.close());
    const host = await openHost(config, place, closers);
    const control = controlOptions(config, host);
    const observers: InvocationObserver[] = [logs];
    const platform = openPlatform({ config, control, host, logs, observers });
    closers.add(() => platform.close(seconds(0)));
    const code = new CodeStore(config.dataDirectory);
    const store = new FunctionStore(database, (sha256) => code.folderOf(sha256));
    const deployments = new Deployments({ store, code, platform, clock: systemClock });
    const problems = await deployments.restore();
    const stores = { database, platform, functions: store };
    const options = queueOptions(config.async);
    const queue = new AsyncQueue({ ...stores, clock: systemClock, options });
    closers.add(() => queue.close());
    const workflows = openWorkflows(config, stores);
    closers.add(() => workflows.close());
    const { snapshots } = platform;
    const metrics = new Metrics({ platform, queue, logs, snapshots });
    observers.push(metrics);
    workflows.observe(metrics.workflows);
    const limitations = [...host.limitations, ...problems];
    const apiKey = config.auth ? loadApiKey(config.dataDirectory) : undefined;
    const server = await createHttpServer({
      ...{ platform, store, deployments, queue, snapshots, workflows, logs, metrics },
      clock: systemClock,
      authenticator: authenticatorOf(apiKey),
      host: () => hostView(host, limitations),
      clocks: host.clocks.desk,
      node: () => nodeState(host, config, platform),
      config,
    });
    const url = await server.listen();
    queue.start();
    workflows.start();
    closers.add(() => server.close());
    // The platform before the server: callers wait for results on its connections.
    closers.add(() => platform.close(seconds(config.drainSeconds)));
    const closeAll = (): Promise<void> => {
      server.drain();
      queue.stop();
      workflows.stop();
      return closers.closeAll();
    };
    let closing: Promise<void> | undefined;
    return { url, apiKey: apiKey?.key, limitations, close: () => (closing ??= closeAll()) };
  } catch (error) {
    await closers.closeAll().catch(complain);
    throw error;
  }
}

const complain = (fault: unknown): void =>
  void process.stderr.write(`A fault of Frugal: ${messageOf(fault)}\n`);

const authenticatorOf = (apiKey: ReturnType<typeof loadApiKey> | undefined): Authenticator =>
  apiKey === undefined ? openAuthenticator : new ApiKeyAuthenticator(apiKey.key, apiKey.path, systemClock);

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
    clocks: host.clocks.desk,
    meter: host.meter,
    loads: loadsOf(host),
    observe: (definition, result) => {
      for (const observer of observers) observer.observe(definition, result);
    },
    log: (fn, requestId, stream, text) => {
      logs.append(fn, requestId, stream, text);
    },
  });

const openWorkflows = (
  { workflows }: DaemonConfig,
  parts: Pick<WorkflowsParts, "database" | "platform" | "functions">,
): Workflows =>
  new Workflows({
    ...parts,
    clock: systemClock,
    config: workflows,
    complain,
  });

/** How busy the clock domains are, for a governor that goes by load. */
function loadsOf({ clocks }: Host): (() => readonly Ratio[]) | undefined {
  const { desk } = clocks;
  if (desk === undefined) return undefined;
  const loads = new CpuLoads(runningHost().procRoot);
  const groups = desk.port.clocks.core.map(({ cpus }) => cpus);
  return () => loads.sample(groups);
}

function controlOptions(
  { keepAlive, startPolicy, startPolicyOptions, pace }: DaemonConfig,
  { models }: Host,
): ControlOptions {
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
    ...(models === undefined
      ? {}
      : { pace: { policy: pace.policy, options: pace.options, modelOf: () => models.model } }),
  };
}
