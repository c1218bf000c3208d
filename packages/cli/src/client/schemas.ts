/**
 * The platform's answers, as far as the command line reads them; what it does not know is passed on.
 */
import { type EnergyReading, joules, seconds } from "@frugal/core";
import { z } from "zod";

const energySchema = z.discriminatedUnion("kind", [
  z.looseObject({
    kind: z.literal("energy"),
    joules: z.number(),
    source: z.enum(["rapl", "hwmon", "model", "simulated"]),
    quality: z.enum(["measured", "attributed", "estimated"]),
    intervalSeconds: z.number(),
    detail: z.string(),
  }),
  z.looseObject({ kind: z.literal("unavailable"), reason: z.string() }),
]);
export type EnergyView = z.infer<typeof energySchema>;

/** The reading behind the platform's view of it. */
export const energyReading = (view: EnergyView): EnergyReading =>
  view.kind === "unavailable"
    ? { kind: "unavailable", reason: view.reason }
    : {
        kind: "energy",
        joules: joules(view.joules),
        source: view.source,
        quality: view.quality,
        interval: seconds(view.intervalSeconds),
        detail: view.detail,
      };

const functionSchema = z.looseObject({
  name: z.string(),
  revision: z.number(),
  runtime: z.string(),
  handler: z.string(),
  memoryMiB: z.number(),
  timeoutSeconds: z.number(),
  codeSizeBytes: z.number(),
  lastModified: z.string(),
  /** An earlier platform knows of none. */
  work: z.looseObject({ size: z.string().nullable(), hyperparameters: z.array(z.string()) }).optional(),
});

const statisticsSchema = z.looseObject({
  instances: z.object({ starting: z.number(), idle: z.number(), busy: z.number() }),
  waiting: z.number(),
  invocations: z.number(),
  errors: z.number(),
  refused: z.number(),
  coldStarts: z.number(),
  cpuSeconds: z.number(),
  energy: energySchema,
});

/** `statistics` is null for a function that the platform could not take up at its start. */
export const deployedSchema = z.looseObject({
  function: functionSchema,
  statistics: statisticsSchema.nullable(),
});
export type DeployedView = z.infer<typeof deployedSchema>;

export const deployedListSchema = z.object({ functions: z.array(deployedSchema) });

export const invocationSchema = z.looseObject({
  requestId: z.string(),
  function: z.string(),
  state: z.enum(["queued", "running", "succeeded", "failed"]),
  result: z.unknown().optional(),
  error: z
    .looseObject({
      errorType: z.string(),
      errorMessage: z.string(),
      stackTrace: z.array(z.string()).optional(),
    })
    .optional(),
  start: z.string().optional(),
  startKind: z.string().optional(),
  waitSeconds: z.number().optional(),
  durationSeconds: z.number().optional(),
  energy: energySchema.optional(),
  /** What was counted of the execution, by name. */
  counters: z.record(z.string(), z.number()).optional(),
  attempts: z.number().optional(),
  log: z.string().optional(),
});
export type InvocationView = z.infer<typeof invocationSchema>;

export const logRecordSchema = z.looseObject({
  time: z.string(),
  requestId: z.string().optional(),
  stream: z.enum(["stdout", "stderr", "platform"]),
  text: z.string(),
});
export type LogRecordView = z.infer<typeof logRecordSchema>;

export const energyStatisticsSchema = z.looseObject({
  total: energySchema,
  idle: z.looseObject({
    joules: z.number(),
    staticJoules: z.number(),
    otherProcessesJoules: z.number(),
  }),
  functionsJoules: z.number(),
  functions: z.array(z.looseObject({ name: z.string(), energy: energySchema })),
});
export type EnergyStatisticsView = z.infer<typeof energyStatisticsSchema>;

export const platformStatisticsSchema = z.looseObject({
  functions: z.array(statisticsSchema.extend({ name: z.string() })),
  asyncQueue: z.object({ queued: z.number(), running: z.number() }),
  droppedLogRecords: z.number(),
});
export type PlatformStatisticsView = z.infer<typeof platformStatisticsSchema>;
