/**
 * The registry of regressions. Adding one: a file beside this one and a line below.
 */
import { boosted } from "./boosted.ts";
import { linear } from "./linear.ts";
import { nonNegative } from "./non-negative.ts";
import type { Regressor } from "./regressor.ts";
import { tree } from "./tree.ts";

export const regressors = {
  linear,
  "non-negative": nonNegative,
  tree,
  boosted,
} as const satisfies Record<string, Regressor>;

export type RegressorName = keyof typeof regressors;

const isRegressorName = (name: string): name is RegressorName => Object.hasOwn(regressors, name);

export const regressorNames: readonly RegressorName[] = Object.keys(regressors).filter(isRegressorName);
