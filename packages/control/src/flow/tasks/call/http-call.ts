/**
 * The call task for HTTP: evaluates the request; the shell sends it.
 */
import { isList, isObject, member } from "../../data/json-value.ts";
import { expandUri, uriComponent } from "../../data/uri-template.ts";
import type { Json } from "../../json.ts";
import { standardFault } from "../../raised-fault.ts";
import type { Routine } from "../../run/wait.ts";
import { askFor } from "../../run/waits.ts";
import type { HttpCall } from "../../step.ts";
import type { Execution } from "../../perform/execution.ts";
import type { TaskResult } from "../../perform/task.ts";
import { authorizationHeader } from "./http-authentication.ts";

export function* performHttpCall(execution: Execution): Routine<TaskResult> {
  const { run, site } = execution;
  const call = httpCall(execution);
  const output = yield* askFor(run, (step) => ({
    kind: "call-http",
    run: run.id,
    step,
    task: site.pointer,
    execution: site.key,
    call,
  }));
  return { output };
}

function httpCall(execution: Execution): HttpCall {
  const evaluated = (name: string): Json | undefined => {
    const declared = execution.property("with", name);
    return declared === undefined ? undefined : execution.resolve(declared);
  };
  const output = evaluated("output");
  return {
    method: asText(evaluated("method") ?? "get").toUpperCase(),
    url: withQuery(urlOf(execution), evaluated("query")),
    headers: { ...headersOf(evaluated("headers")), ...authorizationHeader(execution) },
    body: evaluated("body"),
    output: output === "raw" || output === "response" ? output : "content",
    redirect: evaluated("redirect") === true,
  };
}

/** The endpoint: an expression's value, or a URI template filled in from the task's input. */
function urlOf(execution: Execution): string {
  const endpoint = execution.property("with", "endpoint");
  const uri = isObject(endpoint) ? member(endpoint, "uri") : endpoint;
  const url =
    typeof uri === "string" && !uri.includes("${")
      ? expandUri(uri, execution.input)
      : execution.resolve(uri ?? null);
  if (typeof url === "string" && /^https?:\/\//i.test(url)) return url;
  throw standardFault("configuration", `The endpoint ${JSON.stringify(url)} is no http or https URL`);
}

/** `url` with `query` behind what it has of its own. A list repeats its name; null is left out. */
function withQuery(url: string, query: Json | undefined): string {
  const pairs = Object.entries(isObject(query) ? query : {}).flatMap(([name, value]) =>
    (isList(value) ? value : [value])
      .filter((item) => item !== null)
      .map((item) => `${uriComponent(name)}=${uriComponent(asText(item))}`),
  );
  if (pairs.length === 0) return url;
  const [address = "", ...fragment] = url.split("#");
  const joint = address.includes("?") ? (/[?&]$/.test(address) ? "" : "&") : "?";
  return [`${address}${joint}${pairs.join("&")}`, ...fragment].join("#");
}

const headersOf = (headers: Json | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(isObject(headers) ? headers : {})
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, asText(value)]),
  );

const asText = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));
