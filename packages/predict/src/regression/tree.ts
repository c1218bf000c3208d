/**
 * A regression tree (CART: Breiman, Friedman, Olshen and Stone, 1984): cuts the rows where it lowers the squared error most.
 *
 * Rows are sorted once by each column and every node splits the sorted lists, so that a level costs one pass. Of cuts that are
 * as good, the first column's lowest one is taken (I7).
 */
import { columnsOf, type Predictor, type Regressor, type Sample, weightAt } from "./regressor.ts";

export type TreeNode =
  | { readonly kind: "leaf"; readonly value: number }
  | {
      readonly kind: "cut";
      readonly column: number;
      /** Rows with at most this go low. */
      readonly at: number;
      readonly low: TreeNode;
      readonly high: TreeNode;
    };

export interface TreeLimits {
  readonly depth: number;
  /** Rows that a leaf has at least. */
  readonly leafRows: number;
}

const standard: TreeLimits = { depth: 6, leafRows: 3 };

/** By column: numbers of the rows, ascending by the column's value. */
export type SortedRows = readonly Uint32Array[];

export function sortedRows({ rows }: Sample, columns: number): SortedRows {
  return Array.from({ length: columns }, (_, column) =>
    Uint32Array.from(rows.keys()).sort(
      (a, b) => (rows[a]?.[column] ?? 0) - (rows[b]?.[column] ?? 0) || a - b,
    ),
  );
}

/** The tree of the rows in `sorted`, whose lists name the same rows. */
export function growTree(sample: Sample, sorted: SortedRows, limits: TreeLimits): TreeNode {
  const members = sorted[0] ?? new Uint32Array();
  const whole = totalsOf(sample, members);
  const cut = limits.depth > 0 ? bestCut(sample, sorted, whole, limits) : undefined;
  if (cut === undefined) return { kind: "leaf", value: whole.weight > 0 ? whole.sum / whole.weight : 0 };
  const { column, at } = cut;
  const isLow = (row: number): boolean => (sample.rows[row]?.[column] ?? 0) <= at;
  const deeper = { ...limits, depth: limits.depth - 1 };
  const low = sorted.map((list) => list.filter(isLow));
  const high = sorted.map((list) => list.filter((row) => !isLow(row)));
  return {
    kind: "cut",
    column,
    at,
    low: growTree(sample, low, deeper),
    high: growTree(sample, high, deeper),
  };
}

export function treeValue(root: TreeNode, row: Float64Array): number {
  let node = root;
  while (node.kind === "cut") node = (row[node.column] ?? 0) <= node.at ? node.low : node.high;
  return node.value;
}

interface Totals {
  readonly weight: number;
  readonly sum: number;
}

function totalsOf(sample: Sample, members: Uint32Array): Totals {
  let weight = 0;
  let sum = 0;
  for (const row of members) {
    weight += weightAt(sample, row);
    sum += weightAt(sample, row) * (sample.targets[row] ?? 0);
  }
  return { weight, sum };
}

interface Cut {
  readonly column: number;
  readonly at: number;
  /** What the sum of squared errors falls by. */
  readonly gain: number;
}

function bestCut(sample: Sample, sorted: SortedRows, whole: Totals, limits: TreeLimits): Cut | undefined {
  let best: Cut | undefined;
  for (const [column, order] of sorted.entries()) {
    const cut = bestCutOf(sample, { column, order }, whole, limits);
    if (cut !== undefined && (best === undefined || cut.gain > best.gain)) best = cut;
  }
  return best;
}

function bestCutOf(
  sample: Sample,
  { column, order }: { readonly column: number; readonly order: Uint32Array },
  whole: Totals,
  { leafRows }: TreeLimits,
): Cut | undefined {
  const valueOf = (place: number): number => sample.rows[order[place] ?? 0]?.[column] ?? 0;
  const without = (whole.sum * whole.sum) / whole.weight;
  let best: Cut | undefined;
  let weight = 0;
  let sum = 0;
  for (let place = 0; place < order.length - leafRows; place++) {
    const row = order[place] ?? 0;
    weight += weightAt(sample, row);
    sum += weightAt(sample, row) * (sample.targets[row] ?? 0);
    if (place + 1 < leafRows || valueOf(place) === valueOf(place + 1)) continue;
    const rest = whole.sum - sum;
    const gain = (sum * sum) / weight + (rest * rest) / (whole.weight - weight) - without;
    // A gain that rounding alone makes is none.
    if (gain > (best?.gain ?? 1e-12 * without))
      best = { column, at: between(valueOf(place), valueOf(place + 1)), gain };
  }
  return best;
}

/** Halfway, but below the higher one where no number lies between. */
function between(low: number, high: number): number {
  const middle = low + (high - low) / 2;
  return middle < high ? middle : low;
}

export const tree: Regressor = {
  fit(sample): Predictor {
    const root = growTree(sample, sortedRows(sample, columnsOf(sample)), standard);
    return { predict: (row) => treeValue(root, row) };
  },
};
