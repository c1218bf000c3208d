/**
 * A failed invocation as its caller sees it: AWS Lambda's error types and wording, with Frugal's explanation.
 */
import { type ErrorCode, type ErrorReport, errorCatalogue } from "@frugal/core";
import type { FunctionError } from "@frugal/sandbox";
import type { InvocationResult } from "../platform/platform.ts";
import type { FunctionDefinition } from "../registry/definition.ts";

/** AWS Lambda's names of what ends an invocation from outside the function's code. */
const errorTypes: Readonly<Partial<Record<ErrorCode, string>>> = {
  "function-timeout": "Sandbox.Timedout",
  "function-crashed": "Runtime.ExitError",
  "out-of-memory": "Runtime.OutOfMemory",
  "init-failed": "Runtime.InitError",
  "init-timeout": "Sandbox.InitTimedout",
  "result-too-large": "Function.ResponseSizeTooLarge",
};

/** Whether an error is an outcome of the function itself, which callers get with status 200. */
const isFunctionFailure = ({ code }: ErrorReport): boolean => errorCatalogue[code].status === 200;

/** The error of an invocation whose instance could not finish or start it; the function's own words where it had any. */
function failureOf(definition: FunctionDefinition, requestId: string, error: ErrorReport): FunctionError {
  const { code, message } = error;
  const own = ownErrorOf(error);
  if (own !== undefined) return own;
  const errorType = errorTypes[code] ?? "Runtime.Unknown";
  // Clients look for AWS's wording.
  const prefix =
    code === "function-timeout" && !message.includes("Task timed out")
      ? `Task timed out after ${definition.timeout.toFixed(2)} seconds. `
      : "";
  return { errorType, errorMessage: `RequestId: ${requestId} Error: ${prefix}${message}` };
}

/** What the function's runtime reported before it ended: an error of the initialisation, or one that nobody caught. */
function ownErrorOf({ details = {} }: ErrorReport): FunctionError | undefined {
  const { errorType, errorMessage, stackTrace } = details;
  if (typeof errorType !== "string" || typeof errorMessage !== "string") return undefined;
  return {
    errorType,
    errorMessage,
    ...(Array.isArray(stackTrace) && { stackTrace: stackTrace.map(String) }),
  };
}

/** The failure that a result carries, if it carries one that is the function's. */
export function functionErrorOf(
  definition: FunctionDefinition,
  result: InvocationResult,
): FunctionError | undefined {
  if (result.kind === "refused")
    return isFunctionFailure(result.error)
      ? failureOf(definition, result.requestId, result.error)
      : undefined;
  switch (result.outcome.kind) {
    case "success":
      return undefined;
    case "function-error":
      return result.outcome.error;
    case "lost":
      return failureOf(definition, result.requestId, result.outcome.error);
  }
}

/** The response body; Node's runtime calls the stack `trace`, Python's `stackTrace`. */
export function failureBody(definition: FunctionDefinition, error: FunctionError): Buffer {
  const { errorType, errorMessage, stackTrace } = error;
  const stack = definition.runtime === "nodejs" ? { trace: stackTrace } : { stackTrace };
  return Buffer.from(JSON.stringify({ errorType, errorMessage, ...(stackTrace === undefined ? {} : stack) }));
}
