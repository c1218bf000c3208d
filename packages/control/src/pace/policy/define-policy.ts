import type { PacePolicy, PacePolicyDefinition, PacePolicyParts } from "./pace-policy.ts";

type Options = Readonly<Record<string, number>>;

interface Declared<Own extends Options> {
  readonly options: Own;
  readonly budgets: PacePolicyDefinition["budgets"];
  create(parts: PacePolicyParts & { readonly options: Own }): PacePolicy;
}

/** A policy as the registry holds it; it is typed by the options that it declares. */
export const definePacePolicy = <Own extends Options>(policy: Declared<Own>): PacePolicyDefinition => policy;
