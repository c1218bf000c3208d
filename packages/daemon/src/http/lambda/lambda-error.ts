/**
 * Frugal's errors in AWS Lambda's words, so that SDKs throw their usual exceptions.
 */
import type { ServerResponse } from "node:http";
import { type ErrorCode, type ErrorReport, errorCatalogue, FrugalError, messageOf } from "@frugal/core";

export interface LambdaError {
  readonly status: number;
  /** Name of AWS's exception. */
  readonly type: string;
  readonly message: string;
  /** In seconds; whole, as the header wants it. */
  readonly retryAfter: number | undefined;
}

const types: Readonly<Partial<Record<ErrorCode, string>>> = {
  "invalid-request": "InvalidParameterValueException",
  "invalid-package": "InvalidParameterValueException",
  "function-too-large": "InvalidParameterValueException",
  "runtime-missing": "InvalidParameterValueException",
  unauthorized: "AccessDeniedException",
  "function-not-found": "ResourceNotFoundException",
  "not-found": "ResourceNotFoundException",
  "function-exists": "ResourceConflictException",
  "payload-too-large": "RequestTooLargeException",
  overloaded: "TooManyRequestsException",
};

/** What AWS Lambda would answer for `thrown`; `invalidType` names the exception for a malformed request. */
export function lambdaErrorOf(thrown: unknown, invalidType = "InvalidParameterValueException"): LambdaError {
  const report: ErrorReport =
    thrown instanceof FrugalError ? thrown.toReport() : { code: "internal", message: messageOf(thrown) };
  return lambdaErrorOfReport(report, undefined, invalidType);
}

export function lambdaErrorOfReport(
  { code, message, details }: ErrorReport,
  retryAfter: number | undefined,
  invalidType = "InvalidParameterValueException",
): LambdaError {
  // AWS answers a RevisionId that does not fit so.
  if (code === "conflict")
    return { status: 412, type: "PreconditionFailedException", message, retryAfter: undefined };
  const status = errorCatalogue[code].status;
  const wait = retryAfter ?? details?.["retryAfterSeconds"];
  return {
    // An error of a function that surfaces here was none of an invocation.
    status: status === 200 ? 400 : status,
    type: code === "invalid-request" ? invalidType : (types[code] ?? "ServiceException"),
    message,
    retryAfter: typeof wait === "number" ? Math.max(1, Math.ceil(wait)) : status === 429 ? 1 : undefined,
  };
}

export const lambdaErrorBody = ({ status, message }: LambdaError): string =>
  JSON.stringify({ Type: status >= 500 ? "Service" : "User", Message: message });

/** Answers on the raw response. */
export function sendLambdaError(response: ServerResponse, requestId: string, error: LambdaError): void {
  const body = Buffer.from(lambdaErrorBody(error));
  response.writeHead(error.status, [
    "Content-Type",
    "application/json",
    "Content-Length",
    String(body.length),
    "x-amzn-RequestId",
    requestId,
    "x-amzn-ErrorType",
    error.type,
    ...(error.retryAfter === undefined ? [] : ["Retry-After", String(error.retryAfter)]),
  ]);
  response.end(body);
}
