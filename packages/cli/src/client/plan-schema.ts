/**
 * What the platform answers about the budgets of a workflow's stages.
 */
import { z } from "zod";

const choiceSchema = z
  .looseObject({
    budgetSeconds: z.number(),
    expectedSeconds: z.number(),
    coreHertz: z.number().nullable(),
    uncoreHertz: z.number().nullable(),
    joules: z.number(),
  })
  .nullable();
export type PlanChoiceView = z.infer<typeof choiceSchema>;

const methodSchema = z
  .union([
    z.looseObject({ infeasible: z.number() }),
    z.looseObject({ joules: z.number(), slackSeconds: z.number(), isOptimal: z.boolean().optional() }),
  ])
  .nullable();
export type PlanMethodView = z.infer<typeof methodSchema>;

/** `fit` uses the deadline up, as the paper does; `leastEnergy` needs the fewest joules within it. */
export const planSchema = z.looseObject({
  workflow: z.string(),
  deadlineSeconds: z.number().nullable(),
  quantile: z.number().nullable(),
  /** What is left of the deadline for the sum of expected latencies, so that the quantile is kept. */
  effectiveDeadlineSeconds: z.number().nullable(),
  /** Whether the models know every function; if not, `missing` ones have to run first. */
  known: z.boolean(),
  missing: z.array(z.string()),
  grid: z.object({ coreHertz: z.array(z.number()), uncoreHertz: z.array(z.number()) }),
  smallestDeadlineSeconds: z.number().nullable(),
  paths: z.array(
    z.looseObject({
      /** Indexes of stages. */
      stages: z.array(z.number()),
      minimalSeconds: z.number(),
      fitSeconds: z.number().nullable(),
      leastEnergySeconds: z.number().nullable(),
      isCritical: z.boolean(),
    }),
  ),
  stages: z.array(
    z.looseObject({
      index: z.number(),
      task: z.string(),
      function: z.string().nullable(),
      repeats: z.number(),
      visits: z.number(),
      minimalSeconds: z.number().nullable(),
      maximalSeconds: z.number().nullable(),
      fit: choiceSchema,
      leastEnergy: choiceSchema,
    }),
  ),
  methods: z.object({ fit: methodSchema, leastEnergy: methodSchema }),
  energyQuality: z.string(),
});
export type PlanView = z.infer<typeof planSchema>;
