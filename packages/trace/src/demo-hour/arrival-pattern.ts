/**
 * Patterns of arrival: what the counts of one function in one hour look like.
 *
 * Counts have the first pattern that they fit, in the order of the registry. What fits none (very frequent, half steady)
 * has no pattern.
 */

/** What a pattern is decided by. */
interface CountStatistics {
  readonly invocations: number;
  /** Minutes with at least one invocation. */
  readonly active: readonly number[];
  readonly highest: number;
  /** Variance over mean of the counts (index of dispersion): 1 for a Poisson process. */
  readonly dispersion: number;
}

interface PatternRule {
  /** The rule in words. */
  readonly rule: string;
  readonly fits: (counts: CountStatistics, minutes: number) => boolean;
}

export const arrivalPatterns = {
  rare: {
    rule: "1 to 3 invocations in the hour",
    fits: ({ invocations }) => invocations >= 1 && invocations <= 3,
  },
  periodic: {
    rule: "4 to 250 invocations, in at least 4 minutes that are equally far apart, 2 minutes or more",
    fits: ({ invocations, active }) => {
      const gap = (active[1] ?? 0) - (active[0] ?? 0);
      const isEven = active.every((minute, i) => i === 0 || minute - (active[i - 1] ?? 0) === gap);
      return invocations <= 250 && active.length >= 4 && gap >= 2 && isEven;
    },
  },
  steady: {
    rule: "90 to 250 invocations, some in every minute, with a variance of at most half their mean",
    fits: ({ invocations, active, dispersion }, minutes) =>
      invocations >= 90 && invocations <= 250 && active.length === minutes && dispersion <= 0.5,
  },
  bursty: {
    rule: "30 to 250 invocations, at most 60 in a minute, with a variance of at least 3 times their mean",
    fits: ({ invocations, highest, dispersion }) =>
      invocations >= 30 && invocations <= 250 && highest <= 60 && dispersion >= 3,
  },
} as const satisfies Record<string, PatternRule>;

export type ArrivalPattern = keyof typeof arrivalPatterns;

export const isArrivalPattern = (name: string): name is ArrivalPattern =>
  Object.hasOwn(arrivalPatterns, name);

const patternNames = Object.keys(arrivalPatterns).filter(isArrivalPattern);

/** The pattern that `counts`, one per minute, fit. */
export function patternOf(counts: readonly number[]): ArrivalPattern | undefined {
  const statistics = statisticsOf(counts);
  return patternNames.find((name) => arrivalPatterns[name].fits(statistics, counts.length));
}

function statisticsOf(counts: readonly number[]): CountStatistics {
  const invocations = counts.reduce((sum, count) => sum + count, 0);
  const mean = invocations / counts.length;
  const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length;
  return {
    invocations,
    active: counts.flatMap((count, minute) => (count > 0 ? [minute] : [])),
    highest: Math.max(0, ...counts),
    dispersion: mean === 0 ? 0 : variance / mean,
  };
}
