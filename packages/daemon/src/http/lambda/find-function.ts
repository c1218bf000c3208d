/**
 * From a request's path to the function that it means.
 */
import { FrugalError } from "@frugal/core";
import { functionNotFound } from "../../registry/deployments.ts";
import { parseFunctionReference } from "../../registry/function-arn.ts";
import type { FunctionStore, StoredFunction } from "../../registry/function-store.ts";

/** The function behind a name or ARN; FrugalError where it is no name, not deployed, or a version. */
export function findFunction(
  store: FunctionStore,
  text: string,
  qualifier: string | undefined,
): StoredFunction {
  const reference = parseFunctionReference(text);
  if (reference === undefined)
    throw new FrugalError(
      "invalid-request",
      `${JSON.stringify(text)} is no function's name: use 1 to 64 letters, digits, "-" or "_", or an ARN.`,
    );
  const wanted = qualifier ?? reference.qualifier ?? "$LATEST";
  if (wanted !== "$LATEST")
    throw new FrugalError(
      "function-not-found",
      `Function not found: ${reference.name}:${wanted}. Frugal keeps one version of a function, $LATEST: leave the qualifier out.`,
    );
  const stored = store.find(reference.name);
  if (stored === undefined) throw functionNotFound(reference.name);
  return stored;
}
