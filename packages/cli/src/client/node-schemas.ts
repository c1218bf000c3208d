/**
 * The node agent's answers, /v1/node: which clocks the platform's machine has, and what became of setting them.
 */
import { z } from "zod";

/** `stepsHertz` ascend. Where a kind of clock is not available, its domains are what a dry run would notice. */
const clockKindSchema = z.looseObject({
  available: z.boolean(),
  driver: z.string().optional(),
  reason: z.string().optional(),
  domains: z.array(z.looseObject({ id: z.number(), stepsHertz: z.array(z.number().positive()) })),
});
export type ClockKindView = z.infer<typeof clockKindSchema>;

/** `dry-run`: clocks are noted, and nothing is set. */
export const nodeSchema = z.looseObject({
  clocks: z.looseObject({
    mode: z.enum(["on", "dry-run", "off"]),
    core: clockKindSchema,
    uncore: clockKindSchema,
  }),
});
export type NodeView = z.infer<typeof nodeSchema>;

export const clocksSetSchema = z.object({
  clocks: z.array(
    z.looseObject({
      kind: z.enum(["core", "uncore"]),
      domain: z.number(),
      state: z.enum(["set", "dry-run", "failed"]),
      reason: z.string().optional(),
    }),
  ),
});
export type ClocksSetView = z.infer<typeof clocksSetSchema>;
