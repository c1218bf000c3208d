/**
 * The platform itself through /v1: energy, host, statistics.
 */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { ServerParts } from "../server-parts.ts";
import { routeSchema } from "./route-schema.ts";
import { energyStatisticsSchema, platformStatisticsSchema } from "./v1-schemas.ts";
import { energyStatisticsView, statisticsView } from "./v1-views.ts";

export function addPlatformRoutes(app: FastifyInstance, parts: ServerParts): void {
  const { platform, queue, logs } = parts;
  app.get(
    "/v1/energy",
    {
      schema: routeSchema({
        summary: "Energy since the platform's start: the machine's, split into functions and idle",
        tag: "platform",
        answer: energyStatisticsSchema,
      }),
    },
    () => energyStatisticsView(platform.statistics()),
  );

  app.get(
    "/v1/host",
    {
      schema: routeSchema({
        summary: "What this host offers, and what the platform does without the rest",
        tag: "platform",
        answer: z.record(z.string(), z.unknown()),
      }),
    },
    () => parts.host(),
  );

  app.get(
    "/v1/statistics",
    {
      schema: routeSchema({
        summary: "Instances and invocations of every function, the asynchronous queue, lost log records",
        tag: "platform",
        answer: platformStatisticsSchema,
      }),
    },
    (): z.infer<typeof platformStatisticsSchema> => ({
      functions: platform.statistics().functions.map((own) => ({ name: own.name, ...statisticsView(own) })),
      asyncQueue: queue.counts(),
      droppedLogRecords: logs.dropped,
    }),
  );
}
