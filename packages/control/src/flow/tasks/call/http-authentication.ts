/**
 * Authentication of HTTP calls: basic and bearer, in place or by a name under `use.authentications`.
 */
import { base64 } from "../../data/base64.ts";
import { isObject, member, textIn } from "../../data/json-value.ts";
import type { Json } from "../../json.ts";
import { standardFault } from "../../raised-fault.ts";
import type { Execution } from "../../perform/execution.ts";

/** The header `authorization`, or nothing where the endpoint declares no authentication. */
export function authorizationHeader(execution: Execution): Readonly<Record<string, string>> {
  const endpoint = execution.property("with", "endpoint");
  const declared = member(endpoint, "authentication") ?? member(endpoint, "uri", "authentication");
  if (declared === undefined) return {};
  const policy = execution.resolve(declaredPolicy(execution, declared));
  const basic = member(policy, "basic");
  const bearer = textIn(policy, "bearer", "token");
  if (isObject(basic))
    return {
      authorization: `Basic ${base64(`${credential(basic, "username")}:${credential(basic, "password")}`)}`,
    };
  if (bearer !== undefined) return { authorization: `Bearer ${bearer}` };
  throw standardFault(
    "configuration",
    "The authentication of the endpoint is not supported; use basic or bearer, or send the header Authorization",
  );
}

function declaredPolicy(execution: Execution, declared: Json): Json {
  const name = textIn(declared, "use");
  return name === undefined ? declared : execution.run.reusable("authentications", name);
}

function credential(basic: Json, name: "username" | "password"): string {
  const value = textIn(basic, name);
  if (value !== undefined) return value;
  throw standardFault("configuration", `The basic authentication of the endpoint has no ${name}`);
}
