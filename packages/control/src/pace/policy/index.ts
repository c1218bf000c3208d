/**
 * The registry of pace policies. Adding one: a file beside this one and a line below.
 */
import { withDefaults } from "../../policy-options.ts";
import { geminiPlus } from "./baselines/gemini-plus.ts";
import { gemini } from "./baselines/gemini.ts";
import { retailPlus } from "./baselines/retail-plus.ts";
import { retail } from "./baselines/retail.ts";
import { frugalCoreOnly } from "./frugal-core-only.ts";
import { frugal } from "./frugal.ts";
import { conservative } from "./governors/conservative.ts";
import { ondemand } from "./governors/ondemand.ts";
import { performance } from "./governors/performance.ts";
import { powersave } from "./governors/powersave.ts";
import { schedutil } from "./governors/schedutil.ts";
import { kypous } from "./kypous.ts";
import type { PacePolicy, PacePolicyDefinition, PacePolicyParts } from "./pace-policy.ts";

export const pacePolicies = {
  frugal,
  "frugal-core-only": frugalCoreOnly,
  kypous,
  gemini,
  "gemini-plus": geminiPlus,
  retail,
  "retail-plus": retailPlus,
  performance,
  powersave,
  ondemand,
  conservative,
  schedutil,
} as const;

export type PacePolicyName = keyof typeof pacePolicies;

export const pacePolicyNames = Object.keys(pacePolicies) as readonly PacePolicyName[];

/** A fresh state of the policy `name`; options not given take the policy's defaults, unknown ones are an error. */
export function createPacePolicy(name: PacePolicyName, parts: PacePolicyParts): PacePolicy {
  const policy: PacePolicyDefinition = pacePolicies[name];
  return policy.create({
    ...parts,
    options: withDefaults(`pace policy "${name}"`, policy.options, parts.options),
  });
}
