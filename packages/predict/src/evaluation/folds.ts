/**
 * What is left out of a fit to test it with: payloads of functions, or whole functions. Deterministic: no shuffling.
 */
import type { StageKey } from "@frugal/core";
import type { StageObservation } from "../stage-model.ts";

/** Most fits per question; more payloads or functions than these share one. */
const MOST_FOLDS = 6;
/** Payloads are the same where one is at most this much larger. */
const SAME = 1.05;

/** Numbers of observations that are tested by a fit to all others. */
export type Fold = readonly number[];

/** Each fold has some payloads of each function, together with all that are close to them; functions with one payload are in none. */
export function payloadFolds(observations: readonly StageObservation[]): readonly Fold[] {
  const folds: number[][] = Array.from({ length: MOST_FOLDS }, () => []);
  for (const groups of payloadGroups(observations).values())
    if (groups.length > 1) for (const [at, group] of groups.entries()) folds[at % MOST_FOLDS]?.push(...group);
  return folds.filter((fold) => fold.length > 0);
}

/** Each fold has whole functions; none where there is but one. */
export function functionFolds(observations: readonly StageObservation[]): readonly Fold[] {
  const groups = [...payloadGroups(observations).values()].map((payloads) => payloads.flat());
  if (groups.length < 2) return [];
  const count = Math.min(MOST_FOLDS, groups.length);
  return Array.from({ length: count }, (_, fold) =>
    groups.filter((_group, at) => at % count === fold).flat(),
  );
}

/** Numbers of the observations, by key in order of appearance, and therein by payload, ascending. */
export function payloadGroups(
  observations: readonly StageObservation[],
): ReadonlyMap<StageKey, readonly Fold[]> {
  const groups = new Map<StageKey, number[][]>();
  const ascending = [...observations.keys()].sort(
    (a, b) => payloadOf(observations, a) - payloadOf(observations, b),
  );
  for (const { key } of observations) groups.set(key, []);
  for (const number of ascending) {
    const key = observations[number]?.key;
    const ofFunction = key === undefined ? undefined : groups.get(key);
    if (ofFunction === undefined) continue;
    const last = ofFunction.at(-1);
    const before = last?.at(-1);
    const isSame =
      before !== undefined && payloadOf(observations, number) <= payloadOf(observations, before) * SAME;
    if (last !== undefined && isSame) last.push(number);
    else ofFunction.push([number]);
  }
  return groups;
}

const payloadOf = (observations: readonly StageObservation[], number: number): number =>
  observations[number]?.payload ?? 0;
