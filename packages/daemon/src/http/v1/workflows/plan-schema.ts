/**
 * Answer of /v1/workflows/<namespace>/<name>/plan.
 */
import { z } from "zod";

const choice = z
  .object({
    budgetSeconds: z.number().meta({ description: "What one execution may take" }),
    expectedSeconds: z.number().meta({ description: "What one is expected to take at these clocks" }),
    coreHertz: z.number().nullable(),
    uncoreHertz: z.number().nullable(),
    joules: z.number().meta({ description: "Expected of one execution, above the machine's static energy" }),
  })
  .nullable();

const method = z
  .union([
    z.object({ infeasible: z.number().meta({ description: "The smallest deadline that could be met" }) }),
    z.object({
      joules: z.number().meta({ description: "Expected of one run" }),
      slackSeconds: z.number(),
      isOptimal: z.boolean(),
    }),
  ])
  .nullable();

export const planSchema = z.object({
  workflow: z.string(),
  deadlineSeconds: z.number().nullable(),
  quantile: z.number().nullable(),
  effectiveDeadlineSeconds: z
    .number()
    .nullable()
    .meta({ description: "What of the deadline is divided; the rest is kept for the quantile" }),
  known: z.boolean().meta({ description: "Whether enough is known of all functions" }),
  missing: z.array(z.string()).meta({ description: "Functions that have to be executed first" }),
  grid: z.object({ coreHertz: z.array(z.number()), uncoreHertz: z.array(z.number()) }),
  smallestDeadlineSeconds: z.number().nullable(),
  paths: z.array(
    z.object({
      stages: z.array(z.number().int()),
      minimalSeconds: z.number(),
      fitSeconds: z.number().nullable(),
      leastEnergySeconds: z.number().nullable(),
      isCritical: z.boolean(),
    }),
  ),
  stages: z.array(
    z.object({
      index: z.number().int(),
      task: z.string(),
      function: z.string().nullable(),
      repeats: z.number(),
      visits: z.number(),
      minimalSeconds: z.number().nullable(),
      maximalSeconds: z.number().nullable(),
      fit: choice,
      leastEnergy: choice,
    }),
  ),
  methods: z.object({ fit: method, leastEnergy: method }),
  energyQuality: z.literal("estimated"),
});
