/**
 * Bodies of /v1/node.
 */
import { z } from "zod";
import { energySchema } from "../v1-schemas.ts";

const domain = z.object({
  id: z.number().int(),
  cpus: z.array(z.number().int()),
  socket: z.number().int(),
  stepsHertz: z.array(z.number()),
  hertz: z.number().nullable().meta({ description: "What it runs at now; null where that cannot be read" }),
});

const clockKind = z.object({
  available: z.boolean(),
  driver: z.string().optional(),
  reason: z.string().optional().meta({ description: "Why it is not available" }),
  domains: z.array(domain),
});

export const nodeSchema = z.object({
  machine: z.string(),
  clocks: z.object({
    mode: z.enum(["on", "dry-run", "off"]),
    held: z.boolean().meta({ description: "Whether somebody outside drives them" }),
    core: clockKind,
    uncore: clockKind,
  }),
  policy: z.string().meta({ description: "How the platform chooses clocks" }),
  energy: energySchema,
  counters: z
    .record(
      z.string(),
      z.union([
        z.object({
          amount: z.number(),
          share: z.number().meta({ description: "Below 1: scaled up from that part of the time" }),
        }),
        z.object({ unavailable: z.string() }),
      ]),
    )
    .meta({ description: "Events of all processes, since they were asked for first" }),
  cpuBusySeconds: z.number().nullable(),
});

const order = z.strictObject({ domain: z.number().int().min(0), hertz: z.number().positive() });

export const clockOrdersSchema = z.strictObject({
  core: z.array(order).default([]),
  uncore: z.array(order).default([]),
  leaseSeconds: z
    .number()
    .positive()
    .max(3600)
    .default(60)
    .meta({ description: "The platform takes the clocks back after this time, unless they are set again" }),
});

export const clocksAnswerSchema = z.object({
  clocks: z.array(
    z.object({
      kind: z.enum(["core", "uncore"]),
      domain: z.number().int(),
      hertz: z.number(),
      state: z.enum(["set", "dry-run", "failed"]),
      reason: z.string().optional(),
    }),
  ),
});
