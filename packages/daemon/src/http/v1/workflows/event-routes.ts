/**
 * /v1/events: events from outside, for the runs that listen.
 */
import type { CloudEvent } from "@frugal/control";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { checked } from "../../../registry/checked.ts";
import type { Workflows } from "../../../workflows/workflows.ts";
import { routeSchema } from "../route-schema.ts";
import { dataBody } from "./data-body.ts";
import { cloudEventSchema } from "./workflow-schemas.ts";

export function addEventRoutes(app: FastifyInstance, { workflows }: { readonly workflows: Workflows }): void {
  app.post(
    "/v1/events",
    {
      schema: routeSchema({
        summary: "Send an event to the runs that listen: a CloudEvent in structured mode",
        tag: "runs",
        body: cloudEventSchema,
        status: 202,
        answer: z.object({ id: z.string() }),
      }),
    },
    (request, reply) => {
      const event: CloudEvent = present(checked(cloudEventSchema, dataBody(request.body), "The event"));
      workflows.runner.receive(event);
      reply.code(202);
      return { id: event.id };
    },
  );
}

/** Without what is undefined: such a property is no part of the event. */
const present = (event: z.output<typeof cloudEventSchema>): CloudEvent =>
  Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined)) as CloudEvent;
