/**
 * Errors of the routes, in the words of the API that was called: AWS Lambda's under its dated paths, Frugal's elsewhere.
 */
import { errorCatalogue, type ErrorReport, FrugalError, messageOf } from "@frugal/core";
import type { FastifyReply, FastifyRequest } from "fastify";
import { lambdaErrorBody, lambdaErrorOf } from "./lambda/lambda-error.ts";

const isLambdaPath = (url: string): boolean => /^\/20\d\d-\d\d-\d\d\//.test(url);

export function sendError(request: FastifyRequest, reply: FastifyReply, thrown: unknown): void {
  const error = frugalErrorOf(thrown);
  const lambda = lambdaErrorOf(error);
  if (lambda.retryAfter !== undefined) void reply.header("Retry-After", String(lambda.retryAfter));
  void reply.type("application/json; charset=utf-8");
  if (isLambdaPath(request.url)) {
    void reply.header("x-amzn-RequestId", request.id).header("x-amzn-ErrorType", lambda.type);
    void reply.code(lambda.status).send(lambdaErrorBody(lambda));
    return;
  }
  const { code, message, details = {} }: ErrorReport = error.toReport();
  const status = errorCatalogue[code].status;
  void reply.code(status === 200 ? 400 : status).send({ code, message, details });
}

export const unknownRoute = (request: FastifyRequest): FrugalError =>
  new FrugalError(
    "not-found",
    isLambdaPath(request.url)
      ? `${request.method} ${request.url} is no operation that Frugal offers: it has AWS Lambda's operations on functions ` +
          "(create, get, list, update, delete) and Invoke."
      : `${request.method} ${request.url} does not exist. See /v1/openapi.json for what does.`,
  );

/** Fastify's own errors (a body over the limit, a malformed URL) carry a status. */
function frugalErrorOf(thrown: unknown): FrugalError {
  if (thrown instanceof FrugalError) return thrown;
  const status = thrown instanceof Error && "statusCode" in thrown ? thrown.statusCode : undefined;
  if (status === 413)
    return new FrugalError("payload-too-large", "The request's body is larger than this operation allows.");
  if (typeof status === "number" && status >= 400 && status < 500)
    return new FrugalError("invalid-request", `The request cannot be read: ${messageOf(thrown)}`);
  return new FrugalError("internal", `A fault of Frugal: ${messageOf(thrown)}. Please report it.`, {
    cause: thrown,
  });
}
