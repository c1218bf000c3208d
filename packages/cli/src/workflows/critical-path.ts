/**
 * The path through a workflow that takes longest.
 */

export interface PathGraph {
  /** What each stage takes. Edges lead from lower to higher indexes. */
  readonly weights: readonly number[];
  readonly edges: readonly (readonly [from: number, to: number])[];
}

/** Indexes of its stages, in order; of several equally long ones, one. */
export function criticalPath({ weights, edges }: PathGraph): readonly number[] {
  /** The longest way that ends at each stage, and the stage before it there. */
  const lengths = [...weights];
  const before: (number | undefined)[] = weights.map(() => undefined);
  for (const [from, to] of [...edges].sort((a, b) => a[0] - b[0])) {
    const length = (lengths[from] ?? 0) + (weights[to] ?? 0);
    if (before[to] !== undefined && length <= (lengths[to] ?? 0)) continue;
    lengths[to] = length;
    before[to] = from;
  }
  let last: number | undefined = lengths.length === 0 ? undefined : lengths.indexOf(Math.max(...lengths));
  const path: number[] = [];
  for (; last !== undefined; last = before[last]) path.unshift(last);
  return path;
}
