/**
 * The shapes of Frugal's own API, /v1: what is checked when it comes in, what is documented when it goes out. Units are in
 * the names. The OpenAPI document is made from these.
 */
import { architectures, errorCatalogue, startKinds } from "@frugal/core";
import { z } from "zod";
import { closedObject } from "../../registry/checked.ts";
import { settingsShape } from "../../registry/function-settings.ts";

export const energySchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("energy"),
    joules: z.number(),
    source: z.enum(["rapl", "hwmon", "model", "simulated"]),
    quality: z.enum(["measured", "attributed", "estimated"]),
    intervalSeconds: z.number(),
    detail: z.string().meta({ description: "What exactly was read or calculated" }),
  }),
  z.object({ kind: z.literal("unavailable"), reason: z.string() }),
]);

export const functionSchema = z.object({
  name: z.string(),
  arn: z.string(),
  revision: z.number().int(),
  ...settingsShape,
  architectures: z.array(z.enum(architectures)),
  codeSha256: z.string().meta({ description: "Of the zip, base64" }),
  codeSizeBytes: z.number().int(),
  lastModified: z.iso.datetime(),
});

export const statisticsSchema = z.object({
  instances: z.object({ starting: z.number().int(), idle: z.number().int(), busy: z.number().int() }),
  waiting: z.number().int(),
  invocations: z.number().int(),
  errors: z.number().int(),
  refused: z.number().int(),
  coldStarts: z.number().int(),
  cpuSeconds: z.number(),
  energy: energySchema,
});

/** `statistics` is null for a function that the platform could not take up at its start. */
export const functionWithStatistics = z.object({
  function: functionSchema,
  statistics: statisticsSchema.nullable(),
});

export const putFunction = closedObject({
  ...closedObject(settingsShape).partial().shape,
  code: closedObject({ zipBase64: z.string().meta({ description: "The zip file in base64" }) })
    .optional()
    .meta({ description: "Left out, the present code stays" }),
});

const invocationError = z.object({
  errorType: z.string(),
  errorMessage: z.string(),
  stackTrace: z.array(z.string()).optional(),
});

const execution = {
  start: z.enum(["warm", "cold"]).optional(),
  startKind: z
    .enum(startKinds)
    .optional()
    .meta({ description: "How the instance came to be, of a cold start that the invocation waited for" }),
  startPhases: z
    .object({
      unitSeconds: z.number(),
      restoreSeconds: z.number().meta({ description: "Zero where the instance booted" }),
      runtimeSeconds: z.number(),
      initSeconds: z.number(),
    })
    .optional()
    .meta({ description: "Of a cold start that the invocation waited for" }),
  startEnergy: energySchema
    .optional()
    .meta({ description: "Of that start; the energy of the invocation does not include it" }),
  waitSeconds: z.number().optional(),
  durationSeconds: z.number().optional(),
  energy: energySchema.optional(),
  counters: z
    .record(z.string(), z.number())
    .optional()
    .meta({ description: "Processor seconds, page faults and, where the processor counts, its counters" }),
};

export const invocationSchema = z.object({
  requestId: z.uuid(),
  function: z.string(),
  state: z.enum(["queued", "running", "succeeded", "failed"]),
  result: z.unknown().meta({ description: "What the function returned, where it succeeded" }),
  error: invocationError.optional().meta({ description: "Where it failed" }),
  ...execution,
  attempts: z.number().int().optional().meta({ description: "Of an asynchronous invocation" }),
  acceptedAt: z.iso.datetime().optional(),
  nextAttemptAt: z.iso.datetime().optional(),
  finishedAt: z.iso.datetime().optional(),
  log: z.string().optional().meta({ description: "Its last 4 KiB, where ?log=tail asked for it" }),
});

export const energyStatisticsSchema = z.object({
  total: energySchema,
  idle: z.object({ joules: z.number(), staticJoules: z.number(), otherProcessesJoules: z.number() }),
  functionsJoules: z.number(),
  functions: z.array(z.object({ name: z.string(), energy: energySchema })),
});

export const platformStatisticsSchema = z.object({
  functions: z.array(statisticsSchema.extend({ name: z.string() })),
  asyncQueue: z.object({ queued: z.number().int(), running: z.number().int() }),
  droppedLogRecords: z.number().int(),
});

export const errorSchema = z.object({
  code: z.string().meta({ description: `One of ${Object.keys(errorCatalogue).join(", ")}` }),
  message: z.string().meta({ description: "What was wrong, where, and what to do next" }),
  details: z.record(z.string(), z.unknown()),
});

export const logRecordSchema = z
  .object({
    time: z.iso.datetime(),
    function: z.string(),
    requestId: z.string().optional(),
    stream: z.enum(["stdout", "stderr", "platform"]),
    text: z.string(),
    report: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ description: "One record a line; `report` has the platform's facts at the end of an invocation" });

export const nameParameter = z.object({ name: z.string().meta({ description: "Name or ARN" }) });
export const invokeQuery = closedObject({
  mode: z
    .enum(["sync", "async"])
    .default("sync")
    .meta({ description: "async answers 202 once it is on disk" }),
  log: z.enum(["none", "tail"]).default("none"),
});
export const logsQuery = closedObject({
  follow: z
    .enum(["true", "false"])
    .default("false")
    .meta({ description: "Stay connected and send new records" }),
  lines: z.coerce.number().int().min(0).max(10_000).default(100).meta({ description: "Records of the past" }),
});
