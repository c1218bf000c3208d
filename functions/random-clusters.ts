/**
 * The edges of graphology-generators' random clusters graph, drawn again without graphology, so that a check knows the graph
 * that a function ran on.
 *
 * Nodes fall into clusters at random; an edge joins two random nodes (with probability 1 - density) or two nodes of one random
 * cluster. Order and number of draws follow graphology-generators 0.11.
 */
import type { NumberStream } from "./number-stream.ts";

export interface ClustersGraph {
  readonly nodes: number;
  readonly edges: number;
  readonly clusters: number;
  /** Probability that an edge stays inside a cluster. */
  readonly density: number;
}

/** Neighbours of each node by an edge from it, without repetition. Undirected graphs have each edge in both lists. */
export function randomClusters(
  graph: ClustersGraph,
  stream: NumberStream,
  kind: "directed" | "undirected",
): readonly ReadonlySet<number>[] {
  const members: number[][] = Array.from({ length: graph.clusters }, () => []);
  for (let node = 0; node < graph.nodes; node++) members[stream.below(graph.clusters)]?.push(node);

  const neighbours = Array.from({ length: graph.nodes }, () => new Set<number>());
  for (let edge = 0; edge < graph.edges; edge++) {
    const cluster = stream.next() < 1 - graph.density ? undefined : members[stream.below(graph.clusters)];
    if (cluster !== undefined && cluster.length < 2) continue;
    const draw = (): number =>
      cluster === undefined ? stream.below(graph.nodes) : (cluster[stream.below(cluster.length)] ?? 0);
    const source = draw();
    let target = draw();
    while (target === source) target = draw();
    neighbours[source]?.add(target);
    if (kind === "undirected") neighbours[target]?.add(source);
  }
  return neighbours;
}
