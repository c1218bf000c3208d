/**
 * What is measured: which functions, from what caches, started how, how often and in which order.
 */
import { FrugalError, type Random } from "@frugal/core";
import type { BenchChoice } from "../bench.ts";

/** `lazy` takes one fault at a time, `pooled` is `prefetch` into a unit that was made ahead. */
export const startKinds = ["boot", "eager", "lazy", "prefetch", "pooled"] as const;
export type StartKind = (typeof startKinds)[number];

/** What the platform calls a start that was wished for as `kind`: how a unit came to be is no kind of its own. */
export const reachedBy = (kind: StartKind): string => (kind === "pooled" ? "prefetch" : kind);

/**
 * `warm`: all files in the page cache. `snapshot-cold`: those of the function's snapshot and package dropped, runtime and
 * libraries there. `all-cold`: all of the kernel's caches dropped.
 */
export const caches = ["warm", "snapshot-cold", "all-cold"] as const;
export type Cache = (typeof caches)[number];

export interface StartPlan {
  readonly functions: readonly string[];
  readonly caches: readonly Cache[];
  readonly kinds: readonly StartKind[];
  /** Starts of each function, cache and kind. */
  readonly runs: number;
  /** Concurrent starts and memory, too. */
  readonly isComplete: boolean;
  /** Since the bench's process began: rounds that would last longer are left out, and starts after it. */
  readonly endMs: number;
}

/** --quick may take 50 s; the rest is for the command line before and the platform's end after. */
const QUICK_END_MS = 44_000;

export function startPlan(choice: BenchChoice, functions: readonly string[]): StartPlan {
  const { isQuick } = choice;
  const usualCaches = caches.filter((cache) => !isQuick || cache !== "all-cold");
  return {
    functions: chosen("--functions", choice.functions, functions, functions),
    caches: chosen("--caches", choice.caches, caches, usualCaches),
    kinds: chosen("--kinds", choice.kinds, startKinds, startKinds),
    runs: choice.runs ?? (isQuick ? 3 : 10),
    isComplete: !isQuick,
    endMs: isQuick ? QUICK_END_MS : Infinity,
  };
}

function chosen<Name extends string>(
  flag: string,
  given: string | undefined,
  known: readonly Name[],
  usual: readonly Name[],
): readonly Name[] {
  if (given === undefined) return usual;
  const names = given.split(",").map((name) => name.trim());
  for (const name of names) {
    if (known.some((one) => one === name)) continue;
    throw new FrugalError(
      "invalid-request",
      `${flag}: ${JSON.stringify(name)} is not one of ${known.join(", ")}`,
      { details: { flag, given: name, known } },
    );
  }
  return known.filter((name) => names.includes(name));
}

/** `values` in a random order (Fisher and Yates). */
export function shuffled<T>(values: readonly T[], random: Random): readonly T[] {
  const mixed = [...values];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = Math.floor(random.next() * (last + 1));
    const [a, b] = [mixed[last], mixed[other]];
    if (a !== undefined && b !== undefined) [mixed[last], mixed[other]] = [b, a];
  }
  return mixed;
}
