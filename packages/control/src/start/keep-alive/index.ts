/**
 * The registry of keep-alive policies. Adding one: a file beside this one and a line below.
 */
import { withDefaults } from "../../policy-options.ts";
import { fixed } from "./fixed.ts";
import { greedyDual } from "./greedy-dual.ts";
import { hybridHistogram } from "./hybrid-histogram.ts";
import type { KeepAlive, KeepAlivePolicy } from "./keep-alive.ts";
import { leastJoules } from "./least-joules.ts";
import { provisioned } from "./provisioned.ts";

export const keepAlivePolicies = {
  fixed,
  "hybrid-histogram": hybridHistogram,
  "greedy-dual": greedyDual,
  "least-joules": leastJoules,
  provisioned,
} as const;

export type KeepAlivePolicyName = keyof typeof keepAlivePolicies;

export const keepAlivePolicyNames = Object.keys(keepAlivePolicies) as readonly KeepAlivePolicyName[];

/** A fresh state of the policy `name`; `options` not given take the policy's defaults, unknown ones are an error. */
export function createKeepAlive(
  name: KeepAlivePolicyName,
  options: Readonly<Record<string, number>> = {},
): KeepAlive {
  const policy: KeepAlivePolicy = keepAlivePolicies[name];
  return policy.create(withDefaults(`keep-alive policy "${name}"`, policy.defaults, options));
}
