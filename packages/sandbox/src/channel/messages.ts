/**
 * The bodies of the frames that have an inner structure.
 */
import { type Seconds, seconds } from "@frugal/core";
import { timeSince } from "../host/monotonic-clock.ts";
import type { LoadedFile, LoadingReport } from "../runtime/language-runtime.ts";
import type { FunctionError, InvocationUsage, InvokeRequest } from "../sandbox.ts";
import { frameHeaderLength, frameKind, usageLength } from "./frame.ts";

/** Above this size a payload is written from where it is; below, copying it is cheaper than a second buffer. */
const COPY_LIMIT = 16_384;
const INVOKE_PREFIX = 8;

/** The invoke frame of `invocation`, in one piece or, for a large payload, in two. */
export function encodeInvoke(
  invocation: number,
  request: InvokeRequest,
  timeoutMs: number,
): readonly Buffer[] {
  const { requestId, functionArn, traceId = "", clientContext = "", payload } = request;
  const metadata = `${requestId}\0${functionArn}\0${traceId}\0${clientContext}\0`;
  const payloadStart = frameHeaderLength + INVOKE_PREFIX + metadata.length;
  const inOnePiece = payload.length <= COPY_LIMIT;
  const frame = Buffer.allocUnsafe(inOnePiece ? payloadStart + payload.length : payloadStart);
  frame.writeUInt32LE(INVOKE_PREFIX + metadata.length + payload.length, 0);
  frame[4] = frameKind.invoke;
  frame.writeUInt32LE(invocation, 5);
  frame.writeUInt32LE(timeoutMs, 9);
  frame.writeUInt32LE(metadata.length, 13);
  frame.write(metadata, frameHeaderLength + INVOKE_PREFIX, "latin1");
  if (!inOnePiece) {
    return [frame, Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)];
  }
  frame.set(payload, payloadStart);
  return [frame];
}

/** A frame outside invocations whose body is `document` in JSON; without one, an empty body. */
export function encodeControl(kind: number, document?: object): Buffer {
  const body = Buffer.from(document === undefined ? "" : JSON.stringify(document));
  const frame = Buffer.alloc(frameHeaderLength + body.length);
  frame.writeUInt32LE(body.length, 0);
  frame[4] = kind;
  frame.set(body, frameHeaderLength);
  return frame;
}

/** The body of an outcome, apart; undefined where it is too short. A number that none of its kind can be is unknown. */
export function decodeOutcome(body: Buffer): { usage: InvocationUsage; rest: Buffer } | undefined {
  if (body.length < usageLength) return undefined;
  const cpu = body.readDoubleLE(0);
  const pageFaults = body.readDoubleLE(8);
  return {
    usage: {
      cpu: cpu >= 0 && cpu < Infinity ? seconds(cpu) : undefined,
      pageFaults: pageFaults >= 0 && Number.isSafeInteger(pageFaults) ? pageFaults : undefined,
    },
    rest: body.subarray(usageLength),
  };
}

/** How long ago the moment was that `body` tells; zero where it tells none, as function code could send anything. */
export const decodeAge = (body: Buffer, now: Seconds): Seconds =>
  timeSince(body.length === 8 ? body.readDoubleLE(0) : NaN, now);

/** The error that a runtime reported, whatever it really sent: what is missing gets a plain substitute. */
export function parseFunctionError(body: Buffer): FunctionError {
  const { errorType, errorMessage, stackTrace } = parseFields(body);
  return {
    errorType: typeof errorType === "string" && errorType !== "" ? errorType : "Runtime.Unknown",
    errorMessage:
      typeof errorMessage === "string" ? errorMessage : "The runtime reported an error without a message",
    ...(Array.isArray(stackTrace) && { stackTrace: stackTrace.map(String) }),
  };
}

/** What a template reported of its loading; anything that is no such report is left out. */
export function parseLoadingReport(body: Buffer): LoadingReport {
  const { files, environmentReads, absences } = parseFields(body);
  return {
    files: Array.isArray(files) ? files.flatMap(loadedFileOf) : [],
    absences: Array.isArray(absences) ? absences.filter((path) => typeof path === "string") : [],
    environmentReads: Object.fromEntries(
      Object.entries(fieldsOf(environmentReads)).filter(
        (read): read is [string, string | null] => read[1] === null || typeof read[1] === "string",
      ),
    ),
  };
}

function loadedFileOf(value: unknown): readonly LoadedFile[] {
  const { module, path, isDependency } = fieldsOf(value);
  return typeof module === "string" && typeof path === "string"
    ? [{ module, path, isDependency: isDependency === true }]
    : [];
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? { ...value } : {};

function parseFields(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    return fieldsOf(JSON.parse(body.toString("utf8")));
  } catch {
    return {};
  }
}
