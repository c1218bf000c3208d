/**
 * Makes a random directed graph and ranks its nodes by PageRank.
 */
import graphology from "graphology";
import { clusters } from "graphology-generators/random/index.js";
import { pagerank } from "graphology-metrics/centrality/index.js";

/** Sum of the changes at which the iteration stops. */
const PRECISION = 1e-10;

/** @param {{ nodes: number, edges: number, clusters: number, density: number, seed: number, damping: number }} event */
export const handler = async (event) => {
  const graph = clusters(graphology.DirectedGraph, {
    order: event.nodes,
    size: event.edges,
    clusters: event.clusters,
    clusterDensity: event.density,
    rng: numbers(event.seed),
  });
  const byNode = pagerank(graph, {
    alpha: event.damping,
    getEdgeWeight: null,
    maxIterations: 1000,
    tolerance: PRECISION / event.nodes,
  });
  const ranks = Array.from({ length: event.nodes }, (_, node) => byNode[node] ?? 0);
  return { nodes: graph.order, edges: graph.size, ranks };
};

/**
 * @param {number} seed
 * @returns {() => number}
 */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
