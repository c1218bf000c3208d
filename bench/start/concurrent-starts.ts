/**
 * Many starts of one function at the same moment: what each caller waits for.
 *
 * An instance that is free again may answer a second caller; only callers whose own instance was started count.
 */
import type { StartFunction } from "./functions/start-function.ts";
import { isLeftOut, type MoreStarts } from "./more-starts.ts";
import { percentile } from "./result/cells.ts";
import { reachedBy, type StartKind } from "./start-plan.ts";

interface ConcurrentCell {
  /** Null where none was started as wished. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  /** From the first request to the last answer. */
  readonly allMs: number;
  /** Callers whose own instance was started as wished. */
  readonly starts: number;
  /** Right answers; a wrong one ends the bench. */
  readonly right: number;
}

export type ConcurrentTable = Readonly<
  Record<string, Readonly<Partial<Record<StartKind, Readonly<Record<string, ConcurrentCell>>>>>>
>;

const counts = [1, 10, 50] as const;
const kinds: readonly StartKind[] = ["boot", "eager", "prefetch", "pooled"];
const subjects: readonly string[] = ["hello", "numpy"];

export async function concurrentStarts(parts: MoreStarts): Promise<ConcurrentTable> {
  const table: Record<string, Partial<Record<StartKind, Record<string, ConcurrentCell>>>> = {};
  for (const fn of parts.functions.filter(({ name }) => subjects.includes(name))) {
    const own: Partial<Record<StartKind, Record<string, ConcurrentCell>>> = {};
    for (const kind of kinds.filter((one) => !isLeftOut(parts, fn.name, one))) {
      const cells: Record<string, ConcurrentCell> = {};
      for (const count of counts) cells[count] = await together(parts, { fn, kind, count });
      own[kind] = cells;
      parts.note(`${counts.join(", ")} concurrent starts of ${fn.name} ${kind} done`);
    }
    table[fn.name] = own;
  }
  return table;
}

interface Crowd {
  readonly fn: StartFunction;
  readonly kind: StartKind;
  readonly count: number;
}

async function together({ platform }: MoreStarts, { fn, kind, count }: Crowd): Promise<ConcurrentCell> {
  await platform.untilIdle(fn.name);
  const began = performance.now();
  const answers = await Promise.all(Array.from({ length: count }, () => platform.startUnchecked(fn, kind)));
  const allMs = performance.now() - began;
  for (const { check } of answers) check();
  const times = answers
    .filter(({ start }) => start.isCold && start.kind === reachedBy(kind))
    .map(({ ms }) => ms);
  return {
    p50Ms: times.length === 0 ? null : percentile(times, 0.5),
    p95Ms: times.length === 0 ? null : percentile(times, 0.95),
    allMs,
    starts: times.length,
    right: answers.length,
  };
}
