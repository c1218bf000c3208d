/**
 * Breadth-first search on a random undirected graph.
 *
 * The levels are verified by the edges: the first node and no other is at 0, the ends of an edge differ by at most 1, every
 * other reached node has a neighbour one level below, and no edge leads from a reached to an unreached node. Together these
 * hold for the true distances only.
 */
import type { BenchmarkFunction } from "../benchmark-function.ts";
import { firstDifference, numbersOf, objectOf } from "../first-difference.ts";
import { numberStream } from "../number-stream.ts";
import { type ClustersGraph, randomClusters } from "../random-clusters.ts";

interface BfsPayload extends ClustersGraph {
  readonly seed: number;
}

const graphs = {
  test: { nodes: 400, edges: 800, clusters: 8 },
  small: { nodes: 5_000, edges: 14_000, clusters: 50 },
  large: { nodes: 30_000, edges: 80_000, clusters: 200 },
} as const;

export const graphBfs: BenchmarkFunction = {
  name: "graph-bfs",
  summary: "Makes a random graph and finds every node's distance from the first by breadth-first search",
  origins: [
    { paper: "kypous", suite: "SeBS", name: "graph-bfs" },
    { paper: "arm64-prediction", suite: "SeBS", name: "graph-bfs" },
  ],
  runtimes: { nodejs: { handler: "handler.handler", folder: "graph-bfs" } },
  memoryMebibytes: 1024,
  timeoutSeconds: 60,
  payload: (size): BfsPayload => ({ ...graphs[size], density: 0.9, seed: 29 }),
  check(_size, payload: BfsPayload, output) {
    const levels = numbersOf(objectOf(output)?.["levels"]);
    if (levels?.length !== payload.nodes) return `output.levels is not ${payload.nodes} numbers`;
    const neighbours = randomClusters(payload, numberStream(payload.seed), "undirected");
    const degrees = neighbours.reduce((sum, { size }) => sum + size, 0);
    const reached = levels.filter((level) => level >= 0).length;
    return (
      firstDifference({ nodes: payload.nodes, edges: degrees / 2, reached, levels }, output) ??
      wrongLevel(levels, neighbours)
    );
  },
};

const unreached = -1;

function wrongLevel(
  levels: readonly number[],
  neighbours: readonly ReadonlySet<number>[],
): string | undefined {
  for (const [node, level] of levels.entries()) {
    if (!Number.isInteger(level) || level < unreached) return `output.levels[${node}] is no level: ${level}`;
    if ((level === 0) !== (node === 0)) return `output.levels[${node}] is ${level}: only node 0 is the start`;
    const around = [...(neighbours[node] ?? [])].map((neighbour) => levels[neighbour] ?? unreached);
    const fits = (other: number): boolean =>
      level === unreached ? other === unreached : other !== unreached && Math.abs(other - level) <= 1;
    if (!around.every(fits)) return `output.levels[${node}] is ${level}, but a neighbour's does not fit`;
    if (level > 0 && !around.includes(level - 1)) {
      return `output.levels[${node}] is ${level}, but no neighbour is at ${level - 1}`;
    }
  }
  return undefined;
}
