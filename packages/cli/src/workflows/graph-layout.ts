/**
 * Places of a workflow's stages on a plane, from top to bottom, and the ways between them.
 */
import { Graph as DagreGraph, layout as dagreLayout } from "@dagrejs/dagre";

export interface BoxSize {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PlacedEdge {
  readonly from: number;
  readonly to: number;
  /** From the border of one box to the border of the other. */
  readonly points: readonly Point[];
}

/** In pixels, from the upper left corner. */
export interface GraphLayout extends BoxSize {
  /** The upper left corner of each box. */
  readonly boxes: readonly Point[];
  readonly edges: readonly PlacedEdge[];
}

/** What is used of dagre here: by Node's rules its own declarations cannot be resolved. */
interface LayoutGraph {
  setGraph(label: { rankdir: "TB"; nodesep: number; ranksep: number }): void;
  setNode(name: string, label: BoxSize): void;
  setEdge(from: string, to: string, label: object): void;
  /** The size of the whole, after the layout. */
  graph(): Partial<BoxSize>;
  /** The centre of a node, after the layout. */
  node(name: string): Partial<Point>;
  edge(from: string, to: string): { readonly points?: readonly Point[] };
}
const Graph = DagreGraph as unknown as new () => LayoutGraph;
const place = dagreLayout as unknown as (graph: LayoutGraph) => void;

export function layoutGraph(
  sizes: readonly BoxSize[],
  edges: readonly (readonly [from: number, to: number])[],
): GraphLayout {
  if (sizes.length === 0) return { width: 0, height: 0, boxes: [], edges: [] };
  const graph = new Graph();
  graph.setGraph({ rankdir: "TB", nodesep: 30, ranksep: 40 });
  for (const [index, { width, height }] of sizes.entries()) graph.setNode(String(index), { width, height });
  for (const [from, to] of edges) graph.setEdge(String(from), String(to), {});
  place(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    width,
    height,
    boxes: sizes.map((size, index) => {
      const { x = 0, y = 0 } = graph.node(String(index));
      return { x: x - size.width / 2, y: y - size.height / 2 };
    }),
    edges: edges.map(([from, to]) => {
      const { points = [] } = graph.edge(String(from), String(to));
      return { from, to, points };
    }),
  };
}
