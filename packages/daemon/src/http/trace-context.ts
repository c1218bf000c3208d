/**
 * The trace that an invocation belongs to: AWS X-Ray's header as it is, or a W3C trace context in X-Ray's form, which is
 * what functions get in `_X_AMZN_TRACE_ID`.
 */
import type { IncomingHttpHeaders } from "node:http";

export function traceIdOf(headers: IncomingHttpHeaders): string | undefined {
  const xray = headers["x-amzn-trace-id"];
  if (typeof xray === "string") return xray;
  const parent = headers["traceparent"];
  const parts =
    typeof parent === "string"
      ? /^00-([0-9a-f]{8})([0-9a-f]{24})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(parent)
      : null;
  if (parts === null) return undefined;
  const [, time = "", unique = "", span = "", flags = "0"] = parts;
  return `Root=1-${time}-${unique};Parent=${span};Sampled=${Number.parseInt(flags, 16) & 1}`;
}
