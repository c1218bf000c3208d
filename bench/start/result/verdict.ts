/**
 * What the tables say about prefetching, in short: how many faults it removes on average, and where it does not pay.
 */
import type { StartTables } from "./cells.ts";

interface Verdict {
  /** Mean over all functions and caches where both are known; null where none are. */
  readonly meanFaultsRemoved: number | null;
  /** One sentence for each function and cache where another kind of restore, or a boot, is as fast. */
  readonly doesNotPay: readonly string[];
}

export function verdictOf({ ratios }: StartTables): Verdict {
  const rows = Object.entries(ratios).flatMap(([fn, byCache]) =>
    Object.entries(byCache).map(([cache, ratio]) => ({ where: `${fn}, ${cache}`, ratio })),
  );
  const removed = rows.flatMap(({ ratio }) => ratio.faultsRemoved ?? []);
  const doesNotPay = rows.flatMap(({ where, ratio }) => {
    const others = { eager: ratio.prefetchVsEager, lazy: ratio.prefetchVsLazy, boot: ratio.prefetchVsBoot };
    return Object.entries(others).flatMap(([kind, times]) =>
      times === null || times > 1 ? [] : [`${where}: prefetch is ${times.toFixed(2)}x as fast as ${kind}`],
    );
  });
  const sum = removed.reduce((total, one) => total + one, 0);
  return { meanFaultsRemoved: removed.length === 0 ? null : sum / removed.length, doesNotPay };
}
