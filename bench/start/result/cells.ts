/**
 * Cells and ratios from samples: one cell for each function, cache and kind of start that was measured.
 *
 * Invariants (cited by the tests):
 *   C1  a percentile is one of the samples, and at least the share it names is not above it
 *   C2  a ratio is there exactly when both of its cells are
 */
import { type Cache, type StartKind, startKinds } from "../start-plan.ts";
import type { StartSample } from "./start-sample.ts";

export interface Cell {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly runs: number;
  /** Medians of restores; null where nothing was restored, or nothing is known. */
  readonly faults: number | null;
  readonly pages: number | null;
  readonly workingSetMB: number | null;
  /** Medians, in milliseconds. */
  readonly phases: Readonly<Record<string, number>>;
  /** Most of the function's own files that stayed in the page cache when they were dropped; null where none were to be. */
  readonly stayedMB: number | null;
}

/** How often one start is as fast as another; null where one of the two was not measured. */
interface Ratios {
  readonly prefetchVsLazy: number | null;
  readonly prefetchVsBoot: number | null;
  readonly prefetchVsEager: number | null;
  /** Share of lazy's faults that prefetch does without. */
  readonly faultsRemoved: number | null;
}

type Nested<Value> = Readonly<Record<string, Readonly<Partial<Record<Cache, Value>>>>>;
type Row = Readonly<Partial<Record<StartKind, Cell>>>;

export interface StartTables {
  readonly cells: Nested<Row>;
  readonly ratios: Nested<Ratios>;
}

/** Rows come in the order of `functions`, and of the caches in the samples. */
export function tablesOf(samples: readonly StartSample[], functions: readonly string[]): StartTables {
  const inOrder = functions.flatMap((fn) => samples.filter((sample) => sample.function === fn));
  const cells = grouped(inOrder, (own) =>
    Object.fromEntries(
      startKinds.flatMap((kind) => {
        const ofKind = own.filter((sample) => sample.kind === kind);
        return ofKind.length === 0 ? [] : [[kind, cellOf(ofKind)] as const];
      }),
    ),
  );
  const ratios = Object.fromEntries(
    Object.entries(cells).map(([fn, byCache]) => [
      fn,
      Object.fromEntries(Object.entries(byCache).map(([cache, row]) => [cache, ratiosOf(row)])),
    ]),
  );
  return { cells, ratios };
}

function grouped(
  samples: readonly StartSample[],
  rowOf: (own: readonly StartSample[]) => Row,
): Record<string, Partial<Record<Cache, Row>>> {
  const result: Record<string, Partial<Record<Cache, Row>>> = {};
  for (const { function: fn, cache } of samples) {
    const byCache = (result[fn] ??= {});
    byCache[cache] ??= rowOf(samples.filter((one) => one.function === fn && one.cache === cache));
  }
  return result;
}

function cellOf(samples: readonly StartSample[]): Cell {
  const times = samples.map(({ ms }) => ms);
  const medianOf = (value: (sample: StartSample) => number | undefined): number | null => {
    const known = samples.map(value).filter((one) => one !== undefined);
    return known.length === 0 ? null : percentile(known, 0.5);
  };
  const stayed = samples.flatMap(({ residentBytes }) => residentBytes ?? []);
  const workingSet = medianOf((sample) => sample.workingSetBytes);
  const phaseNames = [...new Set(samples.flatMap(({ phases }) => Object.keys(phases)))];
  return {
    p50Ms: percentile(times, 0.5),
    p95Ms: percentile(times, 0.95),
    runs: samples.length,
    faults: medianOf(({ restore }) => restore?.faults),
    pages: medianOf(({ restore }) => restore?.pages),
    workingSetMB: workingSet === null ? null : workingSet / 2 ** 20,
    phases: Object.fromEntries(phaseNames.map((name) => [name, medianOf(({ phases }) => phases[name]) ?? 0])),
    stayedMB: stayed.length === 0 ? null : Math.max(...stayed) / 2 ** 20,
  };
}

function ratiosOf({ boot, eager, lazy, prefetch }: Row): Ratios {
  const to = (other: Cell | undefined): number | null =>
    prefetch === undefined || other === undefined ? null : other.p50Ms / prefetch.p50Ms;
  const before = lazy?.faults ?? null;
  const after = prefetch?.faults ?? null;
  return {
    prefetchVsLazy: to(lazy),
    prefetchVsBoot: to(boot),
    prefetchVsEager: to(eager),
    faultsRemoved: before === null || before === 0 || after === null ? null : 1 - after / before,
  };
}

/** The nearest rank: the smallest value that at least `share` of the values do not exceed. Of none, 0. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
