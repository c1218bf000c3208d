/**
 * What a refused invocation's caller is told.
 */
import type { Command } from "@frugal/control";
import { type ErrorCode, type ErrorReport, type FunctionName, inMilliseconds, seconds } from "@frugal/core";
import type { InvokeRequest } from "@frugal/sandbox";
import type { InvocationResult } from "./platform.ts";

export type Refusal = Pick<Extract<Command, { kind: "refuse" }>, "code" | "retryAfter" | "failure">;

/** Without a time to try again, and without an instance that failed. */
export const plainRefusal = { retryAfter: undefined, failure: undefined } as const;

export const noRoomForPayload: Refusal = {
  code: "overloaded",
  retryAfter: seconds(1),
  failure: {
    code: "overloaded",
    message:
      "The payloads of unfinished invocations take as much memory as they may; try again in a second, " +
      "or raise capacity.payloadBytes",
  },
};

export const refusalOf = (
  refusal: Refusal,
  name: FunctionName,
  requestId: string,
): Extract<InvocationResult, { kind: "refused" }> => ({
  kind: "refused",
  requestId,
  error: errorOf(refusal, name),
  retryAfter: refusal.retryAfter,
});

/** Refuses an invocation as soon as `invoke` has returned. */
export function refuseSoon(
  refusal: Refusal,
  name: FunctionName,
  { requestId }: InvokeRequest,
  done: (result: InvocationResult) => void,
): () => void {
  queueMicrotask(() => {
    done(refusalOf(refusal, name, requestId));
  });
  return () => undefined;
}

function errorOf({ code, retryAfter, failure }: Refusal, name: FunctionName): ErrorReport {
  const details = { function: name };
  if (failure !== undefined) return { ...failure, details: { ...failure.details, ...details } };
  const later = retryAfter === undefined ? "" : `; try again in ${Math.ceil(inMilliseconds(retryAfter))} ms`;
  const message = messages[code]?.(name, later) ?? `An invocation of "${name}" was refused: ${code}`;
  return { code, message, details };
}

const messages: Readonly<Partial<Record<ErrorCode, (name: FunctionName, later: string) => string>>> = {
  "function-not-found": (name) => `No function is named "${name}"\nSee which there are: frugal list`,
  overloaded: (name, later) => `Function "${name}" has as many invocations waiting as it may${later}`,
  "queue-timeout": (name, later) =>
    `An invocation of "${name}" waited for an instance over its limit (queueTimeout)${later}`,
  "function-too-large": (name) =>
    `Function "${name}" needs more memory or cores than this machine gives to functions\n` +
    "Lower its memorySize or cores, or give the platform more with frugal up --memory and --cores",
  "shutting-down": () => "The platform is shutting down and takes no new invocations",
};
