/**
 * The shapes of /v1/workflows, /v1/runs and /v1/events. What is not known, or does not exist, is null.
 */
import { startKinds } from "@frugal/core";
import { z } from "zod";
import { runStatuses } from "../../../workflows/store/run.ts";

const count = z.number().int();
const time = z.iso.datetime();

export const workflowParameters = z.object({ namespace: z.string(), name: z.string() });
export const runParameter = z.object({ id: z.string().meta({ description: "As its start answered" }) });

const workflowShape = {
  namespace: z.string(),
  name: z.string(),
  version: z.string(),
  title: z.string().nullable(),
  durable: z.boolean().meta({ description: "Whether runs go on after the platform's process ended" }),
  deadlineSeconds: z.number().nullable(),
  quantile: z
    .number()
    .nullable()
    .meta({ description: "Share of the runs that must be in time; null without a deadline" }),
  updatedAt: time,
  runs: z.object({ running: count, completed: count, faulted: count, cancelled: count }),
  warnings: z.array(z.string()).meta({ description: "What keeps runs from going well as things are" }),
};
export const workflowSchema = z.object(workflowShape);

export const workflowDetailsSchema = z.object({
  ...workflowShape,
  definition: z.record(z.string(), z.unknown()),
  graph: z.object({
    stages: z.array(
      z.object({
        name: z.string().meta({ description: "The task's JSON pointer" }),
        function: z.string().nullable(),
        latencySeconds: z
          .number()
          .nullable()
          .meta({ description: "Of what is no function of the platform, as far as known" }),
        repeats: z.number().meta({ description: "Executions that the deadline is planned for" }),
        visits: z.number().meta({ description: "Executions in a run, on average" }),
      }),
    ),
    edges: z.array(z.tuple([count, count])).meta({ description: "Indexes of stages" }),
  }),
  history: z.object({
    runs: count,
    stages: z.array(
      z.object({ task: z.string(), visits: z.number(), meanLatencySeconds: z.number().nullable() }),
    ),
  }),
});

const runEnergy = z.union([
  z.object({
    joules: z.number(),
    source: z.enum(["rapl", "hwmon", "model", "simulated"]),
    quality: z.enum(["measured", "attributed", "estimated"]),
  }),
  z.object({ unavailable: z.string().meta({ description: "Why" }) }),
]);

const fault = z
  .object({
    type: z.string(),
    status: z.number(),
    instance: z.string().optional(),
    title: z.string().optional(),
    detail: z.string().optional(),
  })
  .nullable();

const stageRun = z.object({
  task: z.string().meta({ description: "The task's JSON pointer" }),
  name: z.string(),
  kind: z.enum(["invoke", "call-http", "run-workflow"]),
  function: z.string().nullable(),
  execution: z.string().meta({ description: "The pointer with the numbers of iterations and attempts" }),
  startedAt: time,
  latencySeconds: z.number().meta({ description: "From its start to its end, waiting included" }),
  waitSeconds: z.number().nullable(),
  durationSeconds: z.number().nullable(),
  budgetSeconds: z.number().nullable(),
  slackSeconds: z.number().nullable().meta({ description: "In hand when it was dispatched; negative: late" }),
  coreHertz: z.number().nullable(),
  uncoreHertz: z.number().nullable(),
  clocks: z
    .enum(["set", "dry-run", "unavailable", "unpaced"])
    .meta({ description: "Whether the clocks that were chosen were in force" }),
  joules: z.number().nullable(),
  energy: runEnergy,
  startKind: z.enum(["warm", ...startKinds]).nullable(),
  error: fault,
});

const runShape = {
  id: z.string(),
  workflow: z.string(),
  version: z.string(),
  status: z.enum(runStatuses),
  startedAt: time,
  endedAt: time.nullable(),
  fault: fault.meta({ description: "RFC 7807 problem details" }),
  deadlineSeconds: z.number().nullable(),
  latencySeconds: z.number().meta({ description: "From its start to its end, or to now" }),
  slackSeconds: z.number().nullable().meta({ description: "Deadline less latency" }),
  joules: z.number().nullable().meta({ description: "Of its stages; null while it runs" }),
  energy: runEnergy,
};
export const runSummarySchema = z.object(runShape);
export const runSchema = z.object({
  ...runShape,
  input: z.unknown(),
  output: z.unknown().meta({ description: "null unless it completed" }),
  stages: z.array(stageRun),
});

export const startQuery = z.strictObject({
  wait: z.coerce
    .number()
    .min(0)
    .max(900)
    .default(0)
    .meta({ description: "Seconds to wait for the end of the run" }),
});

export const runsQuery = z.strictObject({
  workflow: z.string().optional().meta({ description: "namespace/name" }),
  status: z.enum(runStatuses).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(50),
});

/** CloudEvents 1.0, structured mode. Extensions are kept; what is in them and in the data is any JSON. */
export const cloudEventSchema = z
  .object({
    specversion: z.literal("1.0"),
    id: z.string().min(1),
    source: z.string().min(1),
    type: z.string().min(1),
    time: z.string().optional(),
    subject: z.string().optional(),
    datacontenttype: z.string().optional(),
    dataschema: z.string().optional(),
    data: z.unknown().optional(),
  })
  .catchall(z.unknown());
