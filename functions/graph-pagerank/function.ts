/**
 * PageRank of a random directed graph.
 *
 * The ranks are verified by what defines them: they sum to 1, and applying one step of the random surfer to them gives them
 * back (the fixed point is unique). Any rank that is off by 1e-8 is refused.
 */
import type { BenchmarkFunction } from "../benchmark-function.ts";
import { firstDifference, numbersOf, objectOf } from "../first-difference.ts";
import { numberStream } from "../number-stream.ts";
import { type ClustersGraph, randomClusters } from "../random-clusters.ts";

interface PagerankPayload extends ClustersGraph {
  readonly seed: number;
  readonly damping: number;
}

const graphs = {
  test: { nodes: 300, edges: 900, clusters: 8 },
  small: { nodes: 4_000, edges: 16_000, clusters: 50 },
  large: { nodes: 16_000, edges: 70_000, clusters: 150 },
} as const;

/** Above what the iteration leaves (1e-10 in sum), below every rank. */
const precision = 1e-9;

export const graphPagerank: BenchmarkFunction = {
  name: "graph-pagerank",
  summary: "Makes a random graph and ranks its nodes by PageRank",
  origins: [
    { paper: "kypous", suite: "SeBS", name: "graph-pagerank" },
    { paper: "arm64-prediction", suite: "SeBS", name: "graph-pagerank" },
    { paper: "energy-aware-scheduling", suite: "SeBS", name: "PageRank" },
  ],
  runtimes: { nodejs: { handler: "handler.handler", folder: "graph-pagerank" } },
  memoryMebibytes: 1024,
  timeoutSeconds: 60,
  payload: (size): PagerankPayload => ({ ...graphs[size], density: 0.7, seed: 31, damping: 0.85 }),
  check(_size, payload: PagerankPayload, output) {
    const ranks = numbersOf(objectOf(output)?.["ranks"]);
    if (ranks?.length !== payload.nodes) return `output.ranks is not ${payload.nodes} numbers`;
    const targets = randomClusters(payload, numberStream(payload.seed), "directed");
    const edges = targets.reduce((sum, { size }) => sum + size, 0);
    return (
      firstDifference({ nodes: payload.nodes, edges, ranks }, output) ??
      wrongRank(ranks, targets, payload.damping)
    );
  },
};

function wrongRank(
  ranks: readonly number[],
  targets: readonly ReadonlySet<number>[],
  damping: number,
): string | undefined {
  const sum = ranks.reduce((total, rank) => total + rank, 0);
  if (!(Math.abs(sum - 1) <= precision)) return `output.ranks sum to ${sum}, expected 1`;
  let dangling = 0;
  const received = new Float64Array(ranks.length);
  for (const [node, rank] of ranks.entries()) {
    const out = targets[node] ?? new Set<number>();
    if (out.size === 0) dangling += rank;
    for (const target of out) received[target] = (received[target] ?? 0) + rank / out.size;
  }
  const everywhere = (1 - damping + damping * dangling) / ranks.length;
  for (const [node, rank] of ranks.entries()) {
    const next = everywhere + damping * (received[node] ?? 0);
    if (!(Math.abs(next - rank) <= precision))
      return `output.ranks[${node}] is ${rank}, one more step gives ${next}`;
  }
  return undefined;
}
