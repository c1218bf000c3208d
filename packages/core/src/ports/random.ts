/**
 * Randomness as a port: seeded, named, splittable streams.
 *
 * A stream is named by its purpose (`arrivals`, `payloads`). Splitting derives the child from the parent's seed and the
 * child's name alone, never from how much was drawn, so adding a stream or drawing more from one shifts no other (I7).
 */
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** The stream `name` of this one; the same every time. */
  split(name: string): Random;
}

/** A stream of `seed`: the same seed draws the same numbers on every machine. */
export function seededRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  return {
    next: () => uniformFloat64(generator),
    split: (name) => seededRandom(mixed(seed, name)),
  };
}

/** Time to the next event of a Poisson process of `rate` per unit of time. */
export const exponential = (random: Random, rate: number): number => -Math.log1p(-random.next()) / rate;

/** FNV-1a over the name, started from the scattered seed, and scattered again. */
function mixed(seed: number, name: string): number {
  let hash = scattered(seed ^ 0x811c9dc5);
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return scattered(hash);
}

/** The finaliser of MurmurHash3: every bit of the input changes about half of the output's. */
function scattered(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0;
}
