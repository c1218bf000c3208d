/**
 * The machine itself through /v1: its clocks, energy and load, and the clocks to be set from outside, by a control plane on
 * another machine or a calibration.
 */
import { FrugalError, gigahertz, hertz, seconds } from "@frugal/core";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { ClockDesk, ClockOrder } from "../../../platform/pace/clock-desk.ts";
import { checked } from "../../../registry/checked.ts";
import { jsonBody } from "../../json-body.ts";
import type { ServerParts } from "../../server-parts.ts";
import { routeSchema } from "../route-schema.ts";
import { clockOrdersSchema, clocksAnswerSchema, nodeSchema } from "./node-schemas.ts";
import { nodeView } from "./node-view.ts";

export function addNodeRoutes(app: FastifyInstance, parts: ServerParts): void {
  const { clocks } = parts;
  app.get(
    "/v1/node",
    {
      schema: routeSchema({
        summary: "The machine: clocks and what they can be set to, energy, counters",
        tag: "platform",
        answer: nodeSchema,
      }),
    },
    () => nodeView(parts.node()),
  );

  app.put(
    "/v1/node/clocks",
    {
      schema: routeSchema({
        summary:
          "Set clocks from outside. Until they are given back, or the lease ends, the platform sets none itself",
        tag: "platform",
        body: clockOrdersSchema,
        answer: clocksAnswerSchema,
      }),
    },
    (request): z.infer<typeof clocksAnswerSchema> =>
      answerOf(deskOf(clocks), checked(clockOrdersSchema, jsonBody(request.body), "The clocks")),
  );

  app.delete(
    "/v1/node/clocks",
    {
      schema: routeSchema({
        summary: "Give the clocks back to the platform",
        tag: "platform",
        answer: z.null(),
      }),
    },
    (_request, reply) => {
      deskOf(clocks).release();
      return reply.code(204).send();
    },
  );
}

/** Holds the clocks as asked, if all can be; what became of each. */
function answerOf(
  desk: ClockDesk,
  { core, uncore, leaseSeconds }: z.infer<typeof clockOrdersSchema>,
): z.infer<typeof clocksAnswerSchema> {
  const orders = [
    ...core.map((order) => orderOf(desk, "core", order)),
    ...uncore.map((order) => orderOf(desk, "uncore", order)),
  ];
  const outcomes = desk.hold(orders, seconds(leaseSeconds));
  return {
    clocks: orders.map(({ kind, domain, clock }, index) => {
      const outcome = outcomes[index];
      const reason = outcome?.kind === "failed" ? { reason: outcome.reason } : {};
      return { kind, domain, hertz: clock, state: outcome?.kind ?? "failed", ...reason };
    }),
  };
}

function deskOf(clocks: ClockDesk | undefined): ClockDesk {
  if (clocks === undefined)
    throw new FrugalError(
      "clocks-unavailable",
      "The clocks of this machine cannot be set: setting them is switched off by the configuration. Start the platform with --clocks on.",
    );
  const { core } = clocks.port;
  if (core.kind === "unavailable")
    throw new FrugalError("clocks-unavailable", `The clocks of this machine cannot be set: ${core.reason}`);
  return clocks;
}

/** An order that the machine can carry out; `invalid-request` where it has no such domain or step. */
function orderOf(
  { port }: ClockDesk,
  kind: ClockOrder["kind"],
  { domain, hertz: wanted }: { readonly domain: number; readonly hertz: number },
): ClockOrder {
  const domains = port.clocks[kind];
  const found = domains.find(({ id }) => id === domain);
  if (found === undefined) {
    const known = domains.map(({ id }) => id).join(", ") || "none";
    throw new FrugalError(
      "invalid-request",
      `This machine has no ${kind} clock domain ${domain}\nIt has: ${known}`,
    );
  }
  const clock = found.steps.find((step) => step === hertz(wanted));
  if (clock === undefined) {
    const steps = found.steps.map((step) => (step / gigahertz(1)).toFixed(2)).join(", ");
    throw new FrugalError(
      "invalid-request",
      `The ${kind} clock of domain ${domain} cannot be ${wanted} Hz\nIts steps, in GHz: ${steps}`,
    );
  }
  return { kind, domain, clock };
}
