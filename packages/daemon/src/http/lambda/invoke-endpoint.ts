/**
 * The hot path: `POST /2015-03-31/functions/{name}/invocations`, directly on node:http.
 *
 * Invocation types as on AWS Lambda: RequestResponse waits for the result, Event is acknowledged with 202 once it is on
 * disk, DryRun says 204 where an invocation would be accepted. A caller that goes away while its invocation waits
 * withdraws it.
 */
import { isUtf8 } from "node:buffer";
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { FrugalError } from "@frugal/core";
import type { InvokeRequest } from "@frugal/sandbox";
import type { Authenticator } from "../../auth/authenticator.ts";
import type { LogStore } from "../../logs/log-store.ts";
import type { InvocationResult, Platform } from "../../platform/platform.ts";
import type { AsyncQueue } from "../../queue/async-queue.ts";
import type { FunctionDefinition } from "../../registry/definition.ts";
import { functionArn } from "../../registry/function-arn.ts";
import type { FunctionStore, StoredFunction } from "../../registry/function-store.ts";
import { payloadLimit } from "../../registry/limits.ts";
import { addInvocationHeaders } from "../energy-headers.ts";
import { failureBody, functionErrorOf } from "../function-failure.ts";
import { collectBody } from "../request-body.ts";
import { traceIdOf } from "../trace-context.ts";
import { findFunction } from "./find-function.ts";
import { lambdaErrorOf, lambdaErrorOfReport, sendLambdaError } from "./lambda-error.ts";

export interface InvokeParts {
  readonly store: FunctionStore;
  readonly platform: Pick<Platform, "invoke">;
  readonly queue: Pick<AsyncQueue, "enqueue">;
  readonly logs: Pick<LogStore, "tail">;
  readonly authenticator: Authenticator;
  readonly asyncPayloadLimit: number;
}

const prefix = "/2015-03-31/functions/";
const suffix = "/invocations";
const emptyEvent = Buffer.from("{}");

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly definition: FunctionDefinition;
}

export class InvokeEndpoint {
  readonly #parts: InvokeParts;

  constructor(parts: InvokeParts) {
    this.#parts = parts;
  }

  /** Answers the request if it is an invocation; else says false and leaves it alone. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const url = request.url ?? "";
    if (request.method !== "POST" || !url.startsWith(prefix)) return false;
    const mark = url.indexOf("?", prefix.length);
    const end = mark === -1 ? url.length : mark;
    if (!url.endsWith(suffix, end)) return false;
    const requestId = randomUUID();
    try {
      const verdict = this.#parts.authenticator.judge({ method: "POST", url, headers: request.headers });
      const query = mark === -1 ? "" : url.slice(mark + 1);
      const { definition } = this.#find(url.slice(prefix.length, end - suffix.length), query);
      const call: Call = { request, response, requestId, definition };
      collectBody(request, payloadLimit, (body) => {
        try {
          if (body === undefined) throw tooLarge(payloadLimit);
          if (verdict.kind === "depends-on-body") verdict.confirm(body);
          this.#invoke(call, body.length === 0 ? emptyEvent : body);
        } catch (error) {
          refuse(response, requestId, error);
        }
      });
    } catch (error) {
      request.resume();
      refuse(response, requestId, error);
    }
    return true;
  }

  #find(text: string, query: string): StoredFunction {
    const stored = this.#parts.store.find(text);
    if (stored !== undefined && query === "") return stored;
    const qualifier = new URLSearchParams(query).get("Qualifier") ?? undefined;
    return findFunction(this.#parts.store, decoded(text), qualifier);
  }

  #invoke(call: Call, payload: Buffer): void {
    const { request, response, requestId } = call;
    const type = request.headers["x-amz-invocation-type"] ?? "RequestResponse";
    if (!isJson(payload)) {
      refuse(
        response,
        requestId,
        notJson("the payload is no JSON document"),
        "InvalidRequestContentException",
      );
      return;
    }
    switch (type) {
      case "RequestResponse":
        this.#run(call, payload);
        break;
      case "Event":
        this.#enqueue(call, payload);
        break;
      case "DryRun":
        response.writeHead(204, ["x-amzn-RequestId", requestId]);
        response.end();
        break;
      default:
        throw new FrugalError(
          "invalid-request",
          `Invocation type ${JSON.stringify(type)} is unknown: use RequestResponse, Event or DryRun.`,
        );
    }
  }

  #run(call: Call, payload: Buffer): void {
    const { request, response, definition } = call;
    const isTailWanted = request.headers["x-amz-log-type"] === "Tail";
    const state = { isDone: false };
    const withdraw = this.#parts.platform.invoke(
      definition.name,
      invokeRequestOf(call, payload),
      (result) => {
        state.isDone = true;
        if (response.destroyed) return;
        try {
          answer(call, result, isTailWanted ? this.#parts.logs.tail(definition, result) : undefined);
        } catch (error) {
          // Ours to report: the platform that calls must not suffer.
          refuse(response, call.requestId, error);
        }
      },
    );
    if (!state.isDone)
      response.on("close", () => {
        if (!state.isDone) withdraw();
      });
  }

  #enqueue(call: Call, payload: Buffer): void {
    const { response, requestId, definition } = call;
    if (payload.length > this.#parts.asyncPayloadLimit) throw tooLarge(this.#parts.asyncPayloadLimit);
    const { traceId, clientContext } = invokeRequestOf(call, payload);
    this.#parts.queue.enqueue(
      { requestId, function: definition.name, payload, traceId, clientContext },
      (error) => {
        if (error !== undefined) refuse(response, requestId, error);
        else {
          response.writeHead(202, ["Content-Length", "0", "x-amzn-RequestId", requestId]);
          response.end();
        }
      },
    );
  }
}

function invokeRequestOf({ request, requestId, definition }: Call, payload: Buffer): InvokeRequest {
  const traceId = traceIdOf(request.headers);
  const context = request.headers["x-amz-client-context"];
  const clientContext = typeof context === "string" ? context : undefined;
  if (clientContext !== undefined && !isJson(Buffer.from(clientContext, "base64")))
    throw new FrugalError(
      "invalid-request",
      "X-Amz-Client-Context is not the base64 form of a JSON document.",
    );
  return {
    requestId,
    payload,
    functionArn: functionArn(definition.name),
    ...(traceId === undefined ? {} : { traceId }),
    ...(clientContext === undefined ? {} : { clientContext }),
  };
}

function answer(
  { response, requestId, definition }: Call,
  result: InvocationResult,
  tail: Buffer | undefined,
): void {
  const failure = functionErrorOf(definition, result);
  if (result.kind === "refused" && failure === undefined) {
    sendLambdaError(response, requestId, lambdaErrorOfReport(result.error, result.retryAfter));
    return;
  }
  const content = failure === undefined ? payloadOf(result) : failureBody(definition, failure);
  const headers = [
    "Content-Type",
    "application/json",
    "Content-Length",
    String(content.length),
    "x-amzn-RequestId",
    requestId,
    "X-Amz-Executed-Version",
    "$LATEST",
  ];
  // AWS says "Unhandled" for every error of its present runtimes.
  if (failure !== undefined) headers.push("X-Amz-Function-Error", "Unhandled");
  if (tail !== undefined) headers.push("X-Amz-Log-Result", tail.toString("base64"));
  if (result.kind === "executed") addInvocationHeaders(headers, result);
  response.writeHead(200, headers);
  response.end(content);
}

const payloadOf = (result: InvocationResult): Uint8Array =>
  result.kind === "executed" && result.outcome.kind === "success" ? result.outcome.payload : emptyEvent;

function refuse(response: ServerResponse, requestId: string, error: unknown, invalidType?: string): void {
  if (!response.headersSent && !response.destroyed)
    sendLambdaError(response, requestId, lambdaErrorOf(error, invalidType));
}

const notJson = (problem: string): FrugalError =>
  new FrugalError("invalid-request", `Could not parse request body into json: ${problem}.`);

const tooLarge = (limit: number): FrugalError =>
  new FrugalError(
    "payload-too-large",
    `The payload must be smaller than ${limit + 1} bytes. Pass large data by reference, such as a path or a URL.`,
  );

function isJson(text: Buffer): boolean {
  if (!isUtf8(text)) return false;
  try {
    JSON.parse(text.toString());
    return true;
  } catch {
    return false;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
