/**
 * Makes a random undirected graph and finds the distance of every node from the first one by breadth-first search.
 */
import graphology from "graphology";
import { clusters } from "graphology-generators/random/index.js";
import { bfsFromNode } from "graphology-traversal/bfs.js";

/** @param {{ nodes: number, edges: number, clusters: number, density: number, seed: number }} event */
export const handler = async (event) => {
  const graph = clusters(graphology.UndirectedGraph, {
    order: event.nodes,
    size: event.edges,
    clusters: event.clusters,
    clusterDensity: event.density,
    rng: numbers(event.seed),
  });
  /** @type {number[]} */
  const levels = new Array(event.nodes).fill(-1);
  let reached = 0;
  bfsFromNode(graph, "0", (node, _attributes, depth) => {
    levels[Number(node)] = depth;
    reached += 1;
  });
  return { nodes: graph.order, edges: graph.size, reached, levels };
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
