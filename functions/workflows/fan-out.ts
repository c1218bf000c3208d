/**
 * Fan-out: a fork whose branches take different times, and a stage that needs them all.
 */
import { dnaVisualization } from "../dna-visualization/function.ts";
import { objectOf } from "../first-difference.ts";
import type { BenchmarkWorkflow } from "./benchmark-workflow.ts";
import { answerOf, numberIn, type Parts, wrongPart } from "./parts.ts";

export const fanOut: BenchmarkWorkflow = {
  name: "fan-out",
  summary: "Draws a sequence, then ranks, searches and queries side by side, and reports on all three",
  file: "fan-out.yaml",
  functions: ["dna-visualization", "graph-pagerank", "graph-bfs", "sqlite", "html-template"],
  inputs: () => [dnaVisualization.payload("test")],
  check: (input, output) =>
    wrongPart(output, {
      drawing: answerOf("dna-visualization", () => input),
      ranks: answerOf("graph-pagerank", (parts) => ({
        nodes: 300,
        edges: 900,
        clusters: 8,
        density: 0.7,
        seed: pointsOf(parts, 0),
        damping: 0.85,
      })),
      levels: answerOf("graph-bfs", (parts) => ({
        nodes: 400,
        edges: 800,
        clusters: 8,
        density: 0.9,
        seed: pointsOf(parts, 1),
      })),
      orders: answerOf("sqlite", (parts) => ({ rows: 1000, queries: 200, seed: pointsOf(parts, 2) })),
      page: answerOf("html-template", (parts) => {
        const products = productsOf(parts["orders"]);
        return {
          title: `${numberIn(parts, "ranks", "edges")} and ${numberIn(parts, "levels", "edges")} edges`,
          user: { name: String(objectOf(products[0])?.["product"]), admin: true },
          rows: products.length,
          columns: 3,
          seed: numberIn(parts, "levels", "reached"),
        };
      }),
    }),
};

const pointsOf = (parts: Parts, drawing: number): number =>
  numberIn(parts, "drawing", "drawings", drawing, "points");

function productsOf(orders: unknown): readonly unknown[] {
  const products = objectOf(orders)?.["products"];
  return Array.isArray(products) ? products : [];
}
