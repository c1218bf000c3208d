/**
 * What the platform answers about workflows and their runs, as far as the command line reads it.
 */
import { z } from "zod";

export const runStatuses = ["running", "completed", "faulted", "cancelled"] as const;
export type RunStatus = (typeof runStatuses)[number];

const count = z.number();
const workflowShape = {
  namespace: z.string(),
  name: z.string(),
  version: z.string(),
  title: z.string().nullable(),
  durable: z.boolean(),
  deadlineSeconds: z.number().nullable(),
  quantile: z.number().nullable(),
  updatedAt: z.string(),
  runs: z.object({ running: count, completed: count, faulted: count, cancelled: count }),
  /** What may keep a run from going well, such as functions that are not deployed. */
  warnings: z.array(z.string()).optional(),
} as const;

export const workflowSchema = z.looseObject(workflowShape);
export type WorkflowView = z.infer<typeof workflowSchema>;
export const workflowListSchema = z.object({ workflows: z.array(workflowSchema) });

const graphSchema = z.object({
  stages: z.array(
    z.looseObject({
      name: z.string(),
      function: z.string().nullish(),
      repeats: z.number(),
      visits: z.number(),
    }),
  ),
  edges: z.array(z.tuple([z.number(), z.number()])),
});

export const workflowDetailsSchema = z.looseObject({
  ...workflowShape,
  definition: z.unknown(),
  graph: graphSchema,
  history: z.looseObject({
    runs: z.number(),
    stages: z.array(
      z.looseObject({ task: z.string(), visits: z.number(), meanLatencySeconds: z.number().nullable() }),
    ),
  }),
});
export type WorkflowDetailsView = z.infer<typeof workflowDetailsSchema>;

const energySchema = z.union([
  z.looseObject({
    joules: z.number(),
    source: z.string(),
    quality: z.enum(["measured", "attributed", "estimated"]),
  }),
  z.looseObject({ unavailable: z.string() }),
]);
export type RunEnergyView = z.infer<typeof energySchema>;

const stageRunSchema = z.looseObject({
  /** The task's JSON pointer in the definition. */
  task: z.string(),
  name: z.string(),
  kind: z.string(),
  function: z.string().nullable(),
  /** The pointer with the numbers of iterations and attempts. */
  execution: z.string(),
  startedAt: z.string(),
  latencySeconds: z.number().nullable(),
  waitSeconds: z.number().nullable(),
  durationSeconds: z.number().nullable(),
  budgetSeconds: z.number().nullable(),
  slackSeconds: z.number().nullable(),
  coreHertz: z.number().nullable(),
  uncoreHertz: z.number().nullable(),
  clocks: z.string(),
  joules: z.number().nullable(),
  energy: energySchema,
  startKind: z.string().nullable(),
  error: z.unknown(),
});
export type StageRunView = z.infer<typeof stageRunSchema>;

const faultSchema = z.looseObject({
  type: z.string(),
  status: z.number(),
  instance: z.string().optional(),
  title: z.string().optional(),
  detail: z.string().optional(),
});
export type FaultView = z.infer<typeof faultSchema>;

const runShape = {
  id: z.string(),
  workflow: z.string(),
  version: z.string(),
  status: z.enum(runStatuses),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  deadlineSeconds: z.number().nullable(),
  latencySeconds: z.number().nullable(),
  slackSeconds: z.number().nullable(),
  joules: z.number().nullable(),
} as const;

const runSummarySchema = z.looseObject(runShape);
export type RunSummaryView = z.infer<typeof runSummarySchema>;
export const runListSchema = z.object({ runs: z.array(runSummarySchema) });

export const runSchema = z.looseObject({
  ...runShape,
  input: z.unknown(),
  output: z.unknown(),
  fault: faultSchema.nullable(),
  energy: energySchema,
  stages: z.array(stageRunSchema),
});
export type RunView = z.infer<typeof runSchema>;
