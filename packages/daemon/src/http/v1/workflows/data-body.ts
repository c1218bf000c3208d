/**
 * JSON that becomes data of runs: within the bounds that their tasks keep, too.
 */
import { excessOf, type Json, usualFlowLimits } from "@frugal/control";
import { FrugalError } from "@frugal/core";
import { jsonBody } from "../../json-body.ts";

/** The document in `body`; FrugalError invalid-request where it is no JSON, or too deep to be written down. */
export function dataBody(body: unknown): Json {
  const data = jsonBody(body) as Json;
  const excess = excessOf(data, usualFlowLimits);
  if (excess === undefined) return data;
  throw new FrugalError("invalid-request", `The request's body cannot be used: ${excess}.`);
}
