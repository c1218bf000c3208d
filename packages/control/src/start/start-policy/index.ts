/**
 * The registry of start policies. Adding one: a file beside this one and a line below.
 */
import { withDefaults } from "../../policy-options.ts";
import { alwaysBoot } from "./always-boot.ts";
import { alwaysEager } from "./always-eager.ts";
import { alwaysPrefetch } from "./always-prefetch.ts";
import { cheapestInTime } from "./cheapest-in-time.ts";
import { fastest } from "./fastest.ts";
import type { StartPolicy, StartPolicyDefinition } from "./start-policy.ts";

export const startPolicies = {
  "cheapest-in-time": cheapestInTime,
  fastest,
  "always-boot": alwaysBoot,
  "always-eager": alwaysEager,
  "always-prefetch": alwaysPrefetch,
} as const;

export type StartPolicyName = keyof typeof startPolicies;

export const startPolicyNames = Object.keys(startPolicies) as readonly StartPolicyName[];

/** A fresh state of the policy `name`; `options` not given take the policy's defaults, unknown ones are an error. */
export function createStartPolicy(
  name: StartPolicyName,
  options: Readonly<Record<string, number>> = {},
): StartPolicy {
  const policy: StartPolicyDefinition = startPolicies[name];
  return policy.create(withDefaults(`start policy "${name}"`, policy.defaults, options));
}
