/**
 * pillow-igraph: Python with three libraries. Pixels come in blocks of two by two, so that halving is exact.
 */
import { firstDifference, objectOf, pictureDifference } from "../answers.ts";
import type { StartFunction } from "../start-function.ts";

const width = 64;
const height = 48;
const vertices = 500;

export const pillowIgraph: StartFunction = {
  name: "pillow-igraph",
  summary: "halves a picture, measures distances in a graph",
  folder: import.meta.dirname,
  settings: { runtime: "python3", handler: "handler.handler", memoryMiB: 256, initTimeoutSeconds: 60 },
  pythonModules: { numpy: "python3-numpy", PIL: "python3-pil", igraph: "python3-igraph" },
  holds: true,
  payload: (seed) => ({ seed, width, height, vertices }),
  check(seed, output) {
    const png = objectOf(output)?.["png"];
    return (
      firstDifference({ png, distances: distancesOf(seed) }, output) ??
      pictureDifference(png, { width, height }, (x, y) => [
        (x * 3 + seed) % 256,
        (y * 5 + seed) % 256,
        (x + y) % 256,
      ])
    );
  },
};

/** Breadth-first from vertex 0 of the ring with chords. */
function distancesOf(seed: number): readonly number[] {
  const step = 2 + (seed % 11);
  const neighbours = Array.from({ length: vertices }, () => new Set<number>());
  const connect = (from: number, to: number): void => {
    neighbours[from]?.add(to);
    neighbours[to]?.add(from);
  };
  for (let vertex = 0; vertex < vertices; vertex++) {
    connect(vertex, (vertex + 1) % vertices);
    if (vertex % 5 === 0) connect(vertex, (vertex + step) % vertices);
  }
  const distances = new Map([[0, 0]]);
  for (const [vertex, distance] of distances) {
    for (const next of neighbours[vertex] ?? []) {
      if (!distances.has(next)) distances.set(next, distance + 1);
    }
  }
  return Array.from({ length: vertices }, (_, vertex) => distances.get(vertex) ?? -1);
}
