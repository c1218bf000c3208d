/**
 * The pseudo-random numbers of the benchmark functions: a linear congruential generator (Numerical Recipes), because it is
 * one line in every language. The handlers carry their own copy, since each folder is deployed alone.
 */
export interface NumberStream {
  /** Uniform in [0, 1), a multiple of 2^-32. */
  readonly next: () => number;
  /** An integer, 0 <= value < `limit`. */
  readonly below: (limit: number) => number;
}

export function numberStream(seed: number): NumberStream {
  let state = seed >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return { next, below: (limit) => Math.floor(next() * limit) };
}
