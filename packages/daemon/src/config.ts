/**
 * The daemon's configuration: defaults < environment (FRUGAL_*) < options of the caller (the CLI's flags).
 *
 * One schema checks everything and reports all problems at once; unknown names are errors. The result has no optional part
 * left. This is the only file of the daemon that reads the environment's variables.
 */
import { availableParallelism, homedir, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { pacePolicyNames, startPolicyNames } from "@frugal/control";
import { FrugalError } from "@frugal/core";
import { clockModes } from "@frugal/machine";
import { z } from "zod";
import { checked, closedObject, invalid } from "./registry/checked.ts";
import { payloadLimit } from "./registry/limits.ts";

const day = 24 * 3600;
const mebibyte = 1024 ** 2;

/** Most functions wait for others most of the time: with one share a core, two of them would block a machine of two cores. */
const CORE_SHARES_PER_CORE = 8;

const positive = z.number().positive();
const count = z.number().int().positive();

export const configSchema = closedObject({
  host: z.string().min(1).default("127.0.0.1").meta({ description: "Address to listen on" }),
  port: z
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(8787)
    .meta({ description: "TCP port; 0 takes a free one" }),
  dataDirectory: z.string().min(1).meta({
    description: "Where functions, queue, logs and the API key are kept",
    normal: "`/var/lib/frugal` for root, else `~/.local/share/frugal`",
  }),
  auth: z
    .boolean()
    .default(true)
    .meta({ description: "Ask for the API key; false only on loopback addresses" }),
  capacity: closedObject({
    cores: positive
      .default(() => CORE_SHARES_PER_CORE * availableParallelism())
      .meta({
        description: "Core shares that may be in use at a time",
        normal: "eight times the machine's cores",
      }),
    memoryBytes: count
      .default(() => Math.floor(totalmem() * 0.8))
      .meta({ description: "Memory for functions", normal: "80 % of the machine's" }),
    instances: count.default(1000).meta({ description: "Most instances at a time" }),
    payloadBytes: count
      .min(payloadLimit)
      .default(() => Math.max(payloadLimit, Math.floor(totalmem() / 8)))
      .meta({
        description: "Payloads of unfinished invocations in memory, together; more are refused",
        normal: "an eighth of the machine's memory",
      }),
  }).prefault({}),
  keepAlive: closedObject({
    policy: z.string().min(1).optional().meta({
      description: "Name of the keep-alive policy: fixed, hybrid-histogram, greedy-dual or provisioned",
      normal: "hybrid-histogram",
    }),
    options: z
      .record(z.string(), z.number())
      .default({})
      .meta({ description: "The policy's own options", normal: "the policy's" }),
  }).prefault({}),
  startPolicy: z
    .string()
    .pipe(z.enum(startPolicyNames, { error: `must be one of ${startPolicyNames.join(", ")}` }))
    .default("cheapest-in-time")
    .meta({ description: `How instances are started: ${startPolicyNames.join(", ")}` }),
  startPolicyOptions: z
    .record(z.string(), z.number())
    .default({})
    .meta({ description: "The start policy's own options", normal: "the policy's" }),
  pace: closedObject({
    policy: z
      .string()
      .pipe(z.enum(pacePolicyNames, { error: `must be one of ${pacePolicyNames.join(", ")}` }))
      .default("frugal")
      .meta({ description: `How clocks are chosen: ${pacePolicyNames.join(", ")}` }),
    options: z
      .record(z.string(), z.number())
      .default({})
      .meta({ description: "The policy's own options", normal: "the policy's" }),
    clocks: z
      .string()
      .pipe(z.enum(clockModes, { error: `must be one of ${clockModes.join(", ")}` }))
      .default("on")
      .meta({
        description:
          "on: clocks are set, and put back at the end; dry-run: they are only chosen; off: nobody chooses. Where the host has none to set, on is a dry run",
      }),
    model: z.string().min(1).optional().meta({
      description: "File of frugal calibrate that pacing starts from; what was learnt here since goes first",
      normal: "the reference server's figures",
    }),
    minCoreHertz: positive
      .optional()
      .meta({ description: "Lowest core clock that is set", normal: "the host's" }),
    maxCoreHertz: positive
      .optional()
      .meta({ description: "Highest core clock that is set", normal: "the host's" }),
    minUncoreHertz: positive
      .optional()
      .meta({ description: "Lowest uncore clock that is set", normal: "the host's" }),
    maxUncoreHertz: positive
      .optional()
      .meta({ description: "Highest uncore clock that is set", normal: "the host's" }),
  }).prefault({}),
  snapshots: closedObject({
    sizeBytes: count.default(4096 * mebibyte).meta({
      description: "Snapshots on disk, together; those that save least are removed first",
    }),
    reserve: z
      .number()
      .int()
      .min(0)
      .default(2)
      .meta({ description: "Isolation units that are made ahead, to start instances in" }),
    hotBytes: z
      .number()
      .int()
      .min(0)
      .default(256 * mebibyte)
      .meta({ description: "Memory for the parts of snapshots that invocations need, together" }),
  }).prefault({}),
  async: closedObject({
    maxInFlight: count.default(128).meta({ description: "Asynchronous invocations in flight" }),
    maxQueued: count.default(1_000_000).meta({ description: "Unfinished asynchronous invocations" }),
    maxQueuedBytes: count.default(1024 * mebibyte).meta({ description: "Their payloads together" }),
    maxPayloadBytes: count.max(6_291_456).default(mebibyte).meta({ description: "Payload of one of them" }),
    maxAgeSeconds: positive.default(6 * 3600).meta({ description: "After this time in the queue one fails" }),
    retryDelaySeconds: positive.default(1).meta({ description: "Before the second attempt; then doubling" }),
    maxRetryDelaySeconds: positive.default(300).meta({ description: "Longest time between two attempts" }),
    keepSeconds: positive.default(day).meta({ description: "Results are forgotten after this time" }),
    keepCount: count.default(10_000).meta({ description: "Results that are kept at most" }),
    keepBytes: count.default(256 * mebibyte).meta({ description: "Bytes of results that are kept at most" }),
  }).prefault({}),
  workflows: closedObject({
    maxRunning: count.default(1000).meta({ description: "Runs of workflows at a time; more are refused" }),
    keepSeconds: positive
      .default(7 * day)
      .meta({ description: "Ended runs of workflows are forgotten after this time" }),
    keepCount: count.default(10_000).meta({ description: "Ended runs that are kept at most" }),
    keepBytes: count
      .default(256 * mebibyte)
      .meta({ description: "Bytes of ended runs that are kept at most" }),
    expressionSeconds: positive.default(2).meta({ description: "For one expression of a workflow" }),
    expressionBytes: count
      .min(32 * mebibyte)
      .default(256 * mebibyte)
      .meta({ description: "Memory for one expression of a workflow" }),
    httpSeconds: positive.default(60).meta({ description: "For an HTTP call of a workflow" }),
    httpBytes: count.default(6 * mebibyte).meta({ description: "Answer to an HTTP call of a workflow" }),
    eventSink: z
      .url({ protocol: /^https?$/, error: "must be an http or https URL" })
      .optional()
      .meta({
        description: "URL that events of workflows are posted to, as CloudEvents",
        normal: "none",
      }),
  }).prefault({}),
  drainSeconds: z.number().min(0).default(30).meta({ description: "For running invocations at shutdown" }),
  logs: closedObject({
    files: count.min(2).default(4).meta({ description: "Log files of one function" }),
    fileBytes: count.default(8 * mebibyte).meta({ description: "Size of one log file" }),
    bufferBytes: count.default(16 * mebibyte).meta({ description: "Log records waiting for the disk" }),
  }).prefault({}),
});

/** Every setting of a daemon, complete. Only the keep-alive policy may be left to the platform's default. */
export type DaemonConfig = z.output<typeof configSchema>;
/** What a caller gives: anything but the data directory may be missing. */
export type DaemonOptions = z.input<typeof configSchema>;

/** Variables of the environment, and the setting that each gives. */
export const variables: Readonly<Record<string, readonly [string, ...string[]]>> = {
  FRUGAL_HOST: ["host"],
  FRUGAL_PORT: ["port"],
  FRUGAL_DATA: ["dataDirectory"],
  FRUGAL_AUTH: ["auth"],
  FRUGAL_CORES: ["capacity", "cores"],
  FRUGAL_MEMORY_BYTES: ["capacity", "memoryBytes"],
  FRUGAL_INSTANCES: ["capacity", "instances"],
  FRUGAL_KEEP_ALIVE: ["keepAlive", "policy"],
  FRUGAL_START_POLICY: ["startPolicy"],
  FRUGAL_PACE: ["pace", "policy"],
  FRUGAL_CLOCKS: ["pace", "clocks"],
  FRUGAL_PACE_MODEL: ["pace", "model"],
  FRUGAL_SNAPSHOT_BYTES: ["snapshots", "sizeBytes"],
  FRUGAL_SNAPSHOT_RESERVE: ["snapshots", "reserve"],
  FRUGAL_SNAPSHOT_HOT_BYTES: ["snapshots", "hotBytes"],
  FRUGAL_ASYNC_MAX_IN_FLIGHT: ["async", "maxInFlight"],
  FRUGAL_ASYNC_MAX_QUEUED: ["async", "maxQueued"],
  FRUGAL_WORKFLOWS_MAX_RUNNING: ["workflows", "maxRunning"],
  FRUGAL_WORKFLOWS_EVENT_SINK: ["workflows", "eventSink"],
  FRUGAL_DRAIN_SECONDS: ["drainSeconds"],
  FRUGAL_LOG_FILES: ["logs", "files"],
  FRUGAL_LOG_FILE_BYTES: ["logs", "fileBytes"],
};

/** Variables that others read: the launcher, the CLI, the tests. */
const foreignVariables = /^FRUGAL_(NODE|ENDPOINT|API_KEY|SHARED_DATA|HOME|TEST_.*)$/;
const textSettings = new Set([
  "host",
  "dataDirectory",
  "policy",
  "startPolicy",
  "clocks",
  "model",
  "eventSink",
]);

export type Environment = Readonly<Record<string, string | undefined>>;

/** The configuration from `options` and the environment; FrugalError invalid-request with every problem. */
export function resolveConfig(
  options: Partial<DaemonOptions>,
  environment: Environment = process.env,
): DaemonConfig {
  const fromEnvironment = settingsOf(environment);
  const defaults = { dataDirectory: defaultDataDirectory(environment) };
  const config = checked(
    configSchema,
    merged(merged(defaults, fromEnvironment), options),
    "The configuration",
  );
  if (!config.auth && !isLoopback(config.host))
    throw new FrugalError(
      "invalid-request",
      `The configuration cannot be used: without API key the platform may only listen on this machine, not on ${config.host}. ` +
        "Listen on 127.0.0.1, or keep the API key.",
      { details: { problems: ["auth"] } },
    );
  return { ...config, dataDirectory: resolve(config.dataDirectory) };
}

/** `/var/lib/frugal` for root, else the user's data folder (XDG Base Directory Specification). */
export function defaultDataDirectory(environment: Environment = process.env): string {
  if (process.getuid?.() === 0) return "/var/lib/frugal";
  const base = environment["XDG_DATA_HOME"];
  return join(base === undefined || base === "" ? join(homedir(), ".local", "share") : base, "frugal");
}

/** Whether only this machine can reach `host`. */
const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || host === "[::1]" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);

type Settings = Readonly<Record<string, unknown>>;

function settingsOf(environment: Environment): Settings {
  let settings: Settings = {};
  const problems: string[] = [];
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith("FRUGAL_") || text === undefined || foreignVariables.test(name)) continue;
    const path = variables[name];
    if (path === undefined) {
      problems.push(`${name} is unknown; known: ${Object.keys(variables).join(", ")}`);
      continue;
    }
    const value = valueOf(text, path.at(-1) ?? "");
    if (value === undefined) problems.push(`${name}: ${JSON.stringify(text)} is no ${kindOf(path)}`);
    else
      settings = merged(
        settings,
        path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value),
      );
  }
  if (problems.length > 0) throw invalid("The environment", problems);
  return settings;
}

const kindOf = (path: readonly string[]): string => (path.at(-1) === "auth" ? "true or false" : "number");

function valueOf(text: string, setting: string): unknown {
  if (textSettings.has(setting)) return text;
  if (setting === "auth") return { true: true, false: false }[text];
  return text.trim() === "" || !Number.isFinite(Number(text)) ? undefined : Number(text);
}

/** `over` on top of `base`, part by part; what is undefined in `over` leaves the base. */
function merged(base: Settings, over: unknown): Settings {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(isSettings(over) ? over : {})) {
    const present = result[key];
    if (value === undefined) continue;
    result[key] = isSettings(present) && isSettings(value) ? merged(present, value) : value;
  }
  return result;
}

const isSettings = (value: unknown): value is Settings =>
  typeof value === "object" && value !== null && !Array.isArray(value);
