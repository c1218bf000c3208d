/**
 * An HTTP call as a step of a run: Node's own client, with a limit on time and on the answer's size.
 */
import type { HttpCall, Json, StepOutcome } from "@frugal/control";
import { type Clock, messageOf, plus } from "@frugal/core";
import type { HttpLimits } from "../runner/runner-options.ts";
import { addressOf, requestOf, tellableHeaders } from "./http-request.ts";
import { faultOf } from "./step-faults.ts";

/** Makes the call; `done` is called once, unless the call is withdrawn: what this returns does that. */
export function callHttp(
  call: HttpCall,
  { limits, clock }: { readonly limits: HttpLimits; readonly clock: Clock },
  done: (outcome: StepOutcome) => void,
): () => void {
  const abort = new AbortController();
  const state = { isOver: false };
  const end = (outcome: StepOutcome): void => {
    if (state.isOver) return;
    state.isOver = true;
    cancel();
    done(outcome);
  };
  const cancel = clock.at(plus(clock.now(), limits.time), () => {
    end(failed(504, "No answer in time", `${placeOf(call)} did not answer within ${limits.time} s`));
    abort.abort();
  });
  const request = requestOf(call, abort.signal);
  if (!(request instanceof Request)) queueMicrotask(() => end({ kind: "fault", fault: request }));
  else
    execute(call, request, limits).then(end, (error: unknown) =>
      end(failed(503, "No answer", `${placeOf(call)}: ${reasonOf(error)}`)),
    );
  return () => {
    if (state.isOver) return;
    state.isOver = true;
    cancel();
    abort.abort();
  };
}

async function execute(call: HttpCall, request: Request, limits: HttpLimits): Promise<StepOutcome> {
  const response = await fetch(request);
  const bytes = await bodyOf(response, limits.body);
  if (bytes === undefined)
    return failed(413, "Answer too large", `${placeOf(call)} answered with more than ${limits.body} bytes`);
  const isSuccess = response.ok || (call.redirect && response.status >= 300 && response.status < 400);
  if (!isSuccess) {
    const start = bytes.subarray(0, 1000).toString().trim();
    return failed(
      response.status,
      response.statusText === "" ? `HTTP ${response.status}` : response.statusText,
      `${placeOf(call)} answered ${response.status}${start === "" ? "" : `: ${start}`}`,
    );
  }
  return { kind: "success", output: outputOf(call, response, bytes) };
}

/** The whole body, or undefined where it is longer than `limit`. */
async function bodyOf(response: Response, limit: number): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const body: AsyncIterable<Uint8Array> | null = response.body;
  if (body === null) return Buffer.alloc(0);
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function outputOf(call: HttpCall, response: Response, body: Buffer): Json {
  switch (call.output) {
    case "raw":
      return body.toString("base64");
    case "content":
      return contentOf(response, body);
    case "response":
      return {
        request: { method: call.method.toUpperCase(), uri: call.url, headers: tellableHeaders(call) },
        statusCode: response.status,
        headers: Object.fromEntries(response.headers),
        content: contentOf(response, body),
      };
  }
}

function contentOf(response: Response, body: Buffer): Json {
  if (body.length === 0) return null;
  const text = body.toString();
  const type = response.headers.get("content-type");
  if (type !== null && !/[/+]json\b/i.test(type)) return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

const failed = (status: number, title: string, detail: string): StepOutcome => ({
  kind: "fault",
  fault: faultOf("communication", status, title, detail),
});

/** Method and address without the query, which may hold what is nobody else's business. */
const placeOf = ({ method, url }: HttpCall): string => `${method.toUpperCase()} ${addressOf(url)}`;

/** fetch says "fetch failed" and hides why in the cause; hints for those who run Node.js come after a semicolon. */
const reasonOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return messageOf(cause).split(";")[0] ?? "";
};
