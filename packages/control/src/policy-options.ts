/**
 * Options of policies: numbers by name, checked against the ones that a policy declares.
 */
import { FrugalError } from "@frugal/core";

/** `options` over `defaults`; a name that has no default is an error of whoever gave it. */
export function withDefaults<Options extends Readonly<Record<string, number>>>(
  owner: string,
  defaults: Options,
  options: Readonly<Record<string, number>>,
): Options {
  for (const key of Object.keys(options)) {
    if (!(key in defaults)) {
      const known = Object.keys(defaults).join(", ") || "none";
      throw new FrugalError("invalid-request", `Unknown option "${key}" of ${owner}\nIts options: ${known}`);
    }
  }
  return { ...defaults, ...options };
}
