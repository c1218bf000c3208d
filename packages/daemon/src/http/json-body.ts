/**
 * JSON bodies of management requests, which arrive as bytes so that signatures can be checked.
 */
import { isUtf8 } from "node:buffer";
import { bytes, FrugalError, messageOf, plus } from "@frugal/core";
import { codeLimits } from "../registry/limits.ts";

/** Of a request with code: a zip of the largest size in base64, and the rest of the request. */
export const deploymentLimit: number = plus(bytes(Math.ceil(codeLimits.zipped / 3) * 4), bytes(1024 ** 2));

/** The document in `body`, an empty object where there is no body; FrugalError invalid-request where it is no JSON. */
export function jsonBody(body: unknown): unknown {
  if (!Buffer.isBuffer(body) || body.length === 0) return {};
  if (!isUtf8(body)) throw new FrugalError("invalid-request", "The request's body is not UTF-8 text.");
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    throw new FrugalError("invalid-request", `The request's body is no JSON document: ${messageOf(cause)}`, {
      cause,
    });
  }
}
