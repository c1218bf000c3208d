/**
 * Invocations through /v1: one JSON document with the result and everything that is known about how it went.
 */
import { randomUUID } from "node:crypto";
import { FrugalError, type StartWish } from "@frugal/core";
import type { InvokeRequest } from "@frugal/sandbox";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { InvocationResult } from "../../platform/platform.ts";
import { checked } from "../../registry/checked.ts";
import type { FunctionDefinition } from "../../registry/definition.ts";
import { functionArn } from "../../registry/function-arn.ts";
import { payloadLimit } from "../../registry/limits.ts";
import { functionErrorOf } from "../function-failure.ts";
import { jsonBody } from "../json-body.ts";
import { findFunction } from "../lambda/find-function.ts";
import type { ServerParts } from "../server-parts.ts";
import { traceIdOf } from "../trace-context.ts";
import { routeSchema } from "./route-schema.ts";
import { startWishOf, wishHeader } from "./start-wish.ts";
import { invocationSchema, invokeQuery, nameParameter } from "./v1-schemas.ts";
import { asyncInvocationView, invocationView, withResult } from "./v1-views.ts";

const json = "application/json; charset=utf-8";

export function addInvocationRoutes(app: FastifyInstance, parts: ServerParts): void {
  app.post<{ Params: { name: string } }>(
    "/v1/functions/:name/invocations",
    {
      bodyLimit: payloadLimit,
      schema: routeSchema({
        summary: "Invoke a function with a JSON document; a failed function answers 200 with state failed",
        tag: "invocations",
        params: nameParameter,
        query: invokeQuery,
        headers: wishHeader,
        body: z.unknown(),
        answer: invocationSchema,
      }),
    },
    async (request, reply) => {
      const { mode, log } = checked(invokeQuery, request.query, "The query");
      const { definition } = findFunction(parts.store, request.params.name, undefined);
      const call = invokeRequestOf(request, definition);
      const wish = startWishOf(request.headers);
      if (mode === "async") {
        if (wish !== undefined)
          throw new FrugalError("invalid-request", "x-frugal-start needs mode=sync: leave one of both out");
        await enqueue(parts, definition, call);
        return reply
          .code(202)
          .send({ requestId: call.requestId, function: definition.name, state: "queued" });
      }
      return execute(parts, { definition, call, wish, reply }, log);
    },
  );

  app.get<{ Params: { id: string } }>(
    "/v1/invocations/:id",
    {
      schema: routeSchema({
        summary: "State and result of an asynchronous invocation",
        tag: "invocations",
        params: z.object({
          id: z.string().meta({ description: "The requestId that its acceptance answered" }),
        }),
        answer: invocationSchema,
      }),
    },
    (request, reply) => {
      const invocation = parts.queue.find(request.params.id);
      if (invocation === undefined)
        throw new FrugalError(
          "not-found",
          `No asynchronous invocation has the id ${request.params.id}. Results are kept for a while only; see async.keepSeconds.`,
        );
      const view = asyncInvocationView(invocation);
      return reply
        .type(json)
        .send(invocation.kind === "succeeded" ? withResult(view, invocation.result) : view);
    },
  );
}

interface Call {
  readonly definition: FunctionDefinition;
  readonly call: InvokeRequest;
  readonly wish: StartWish | undefined;
  readonly reply: FastifyReply;
}

async function execute(parts: ServerParts, invocation: Call, log: "none" | "tail"): Promise<FastifyReply> {
  const { definition, reply } = invocation;
  const result = await run(parts, invocation);
  if (result.kind === "refused" && functionErrorOf(definition, result) === undefined) throw refusalOf(result);
  const tail = log === "tail" ? parts.logs.tail(definition, result).toString() : undefined;
  const view = invocationView(definition, result, tail);
  const isSuccess = result.kind === "executed" && result.outcome.kind === "success";
  if (result.kind === "executed" && result.startKind !== undefined)
    reply.header("x-frugal-start-kind", result.startKind);
  return reply.type(json).send(isSuccess ? withResult(view, payloadOf(result)) : view);
}

function run({ platform }: ServerParts, { definition, call, wish, reply }: Call): Promise<InvocationResult> {
  return new Promise((resolve) => {
    const state = { isDone: false };
    const done = (result: InvocationResult): void => {
      state.isDone = true;
      resolve(result);
    };
    const withdraw = platform.invoke(definition.name, call, done, { wish });
    reply.raw.on("close", () => {
      if (!state.isDone) withdraw();
    });
  });
}

function enqueue(
  { queue, config }: ServerParts,
  definition: FunctionDefinition,
  call: InvokeRequest,
): Promise<void> {
  const { requestId, payload, traceId, clientContext } = call;
  if (payload.length > config.async.maxPayloadBytes)
    throw new FrugalError(
      "payload-too-large",
      `The payload of an asynchronous invocation may have ${config.async.maxPayloadBytes} bytes. ` +
        "Pass large data by reference, such as a path or a URL.",
    );
  return new Promise((resolve, reject) => {
    queue.enqueue({ requestId, function: definition.name, payload, traceId, clientContext }, (error) =>
      error === undefined ? resolve() : reject(error),
    );
  });
}

function invokeRequestOf(request: FastifyRequest, definition: FunctionDefinition): InvokeRequest {
  // Checked, and passed on as it came.
  jsonBody(request.body);
  const payload = Buffer.isBuffer(request.body) && request.body.length > 0 ? request.body : Buffer.from("{}");
  const traceId = traceIdOf(request.headers);
  return {
    requestId: randomUUID(),
    payload,
    functionArn: functionArn(definition.name),
    ...(traceId === undefined ? {} : { traceId }),
  };
}

const payloadOf = (result: InvocationResult): Uint8Array =>
  result.kind === "executed" && result.outcome.kind === "success" ? result.outcome.payload : new Uint8Array();

const refusalOf = ({ error, retryAfter }: InvocationResult & { readonly kind: "refused" }): FrugalError =>
  new FrugalError(error.code, error.message, {
    details: { ...error.details, ...(retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter }) },
  });
