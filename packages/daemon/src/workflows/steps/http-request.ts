/**
 * The request of an HTTP call, and what may be told of it: faults and histories are read by more people than credentials are
 * meant for.
 */
import type { HttpCall, WorkflowFault } from "@frugal/control";
import { messageOf } from "@frugal/core";
import { faultOf } from "./step-faults.ts";

const secretHeaders: ReadonlySet<string> = new Set(["authorization", "cookie", "proxy-authorization"]);

/** The request, or why there can be none. */
export function requestOf(call: HttpCall, signal: AbortSignal): Request | WorkflowFault {
  const { url, method, body, redirect } = call;
  const parsed = URL.parse(url);
  if (parsed === null) return impossible(call, "the address is no URL");
  if (parsed.username !== "" || parsed.password !== "")
    return impossible(call, "the address holds a user name or a password; use endpoint.authentication");
  const headers = new Headers();
  for (const [name, value] of Object.entries(call.headers)) {
    try {
      headers.append(name, value);
    } catch {
      return impossible(call, `the name or the value of the header ${JSON.stringify(name)} is none of HTTP`);
    }
  }
  if (body !== undefined && typeof body !== "string" && !headers.has("content-type"))
    headers.set("content-type", "application/json");
  try {
    return new Request(parsed, {
      method: method.toUpperCase(),
      headers,
      redirect: redirect ? "follow" : "manual",
      signal,
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
  } catch (error) {
    return impossible(call, messageOf(error));
  }
}

/** Headers as they were sent, without credentials. */
export const tellableHeaders = ({ headers }: HttpCall): HttpCall["headers"] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !secretHeaders.has(name.toLowerCase())));

/** A URL without credentials, query and fragment. */
export function addressOf(url: string): string {
  const [address = url] = url.split(/[?#]/);
  return address.replace(/^(https?:\/\/)[^/]*@/i, "$1");
}

const impossible = ({ method, url }: HttpCall, why: string): WorkflowFault =>
  faultOf(
    "configuration",
    400,
    "No such request",
    `${method.toUpperCase()} ${addressOf(url)} cannot be sent: ${why}`,
  );
