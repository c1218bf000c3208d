/**
 * Bodies and answers of the Runtime API.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { resultLimit } from "../../channel/frame.ts";

/** An answer that is no acceptance. */
export interface ApiProblem {
  readonly status: number;
  readonly errorType: string;
  readonly errorMessage: string;
}

/** The texts and types are those of AWS Lambda. */
export const apiProblem = {
  invalidRequestId: { status: 400, errorType: "InvalidRequestID", errorMessage: "Invalid request ID" },
  tooLarge: {
    status: 413,
    errorType: "RequestEntityTooLarge",
    errorMessage: `Exceeded maximum allowed payload size (${resultLimit} bytes).`,
  },
  invalidTransition: (what: string): ApiProblem => ({
    status: 403,
    errorType: "InvalidStateTransition",
    errorMessage: `The runtime ${what}`,
  }),
  unknownPath: (route: string): ApiProblem => ({
    status: 404,
    errorType: "NotFound",
    errorMessage: `${route} is not part of the Runtime API 2018-06-01`,
  }),
} as const;

/** Accepts the request, or says what is wrong with it. */
export function answer(response: ServerResponse, problem: ApiProblem | undefined): void {
  const { status, ...error } = problem ?? { status: 202 };
  const body = JSON.stringify(problem === undefined ? { status: "OK" } : error);
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(body),
  });
  response.end(body);
}

/** The whole body; undefined where it is over `limit` bytes (it is then read to its end, but not kept). */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  let chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= limit) chunks.push(chunk);
    else chunks = [];
  }
  return length <= limit ? Buffer.concat(chunks, length) : undefined;
}
