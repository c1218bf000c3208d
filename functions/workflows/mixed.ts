/**
 * Mixed: everything that makes a workflow more than a chain. The first input's table is sound; the second one's has a quote
 * that is never closed, so the function fails on it, and the workflow repairs the table.
 */
import { objectOf } from "../first-difference.ts";
import { thumbnail } from "../thumbnail/function.ts";
import type { BenchmarkWorkflow } from "./benchmark-workflow.ts";
import { answerOf, equalTo, numberIn, wrongPart } from "./parts.ts";

const sequences = [1000, 2000, 3000] as const;
const header = "region,product,quantity,price,comment\n";
const tables = {
  sound: `${header}Oslo,bolt,3,20,\nPorto,nut,2,5,urgent\n`,
  broken: `${header}Oslo,bolt,3,20,\nPorto,nut,2,5,"urgent\n`,
} as const;

export const mixed: BenchmarkWorkflow = {
  name: "mixed",
  summary:
    "Draws in a loop, shrinks and searches side by side, repairs a broken table, and archives or signs",
  file: "mixed.yaml",
  functions: ["dna-visualization", "thumbnail", "graph-bfs", "csv", "compression", "jwt"],
  inputs: () => [
    { sequences, table: tables.sound, ...thumbnail.payload("test") },
    { sequences, table: tables.broken, ...thumbnail.payload("test") },
  ],
  check(input, output) {
    const isBroken = objectOf(input)?.["table"] === tables.broken;
    return wrongPart(output, {
      // Two points of each base for the squiggle, one for the others, and the origin.
      points: equalTo(() => sequences.map((bases) => [2 * bases + 1, bases + 1, bases + 1])),
      picture: answerOf("thumbnail", () => thumbnail.payload("test")),
      levels: answerOf("graph-bfs", () => ({
        nodes: 400,
        edges: 800,
        clusters: 8,
        density: 0.9,
        seed: sequences.at(-1),
      })),
      table: equalTo(() => ({ ...summary, ...(isBroken && { repaired: true }) })),
      end: isBroken
        ? answerOf("compression", (parts) => ({
            files: numberIn(parts, "table", "rows"),
            bytesPerFile: 24_000,
            seed: 7,
          }))
        : answerOf("jwt", (parts) => ({
            tokens: numberIn(parts, "table", "rows"),
            issuer: "https://frugal.example",
            subject: "sound table",
            issuedAt: 1_700_000_000,
          })),
    });
  },
};

const summary = {
  rows: 2,
  regions: [
    { region: "Oslo", orders: 1, quantity: 3, revenue: 60, highestPrice: 20 },
    { region: "Porto", orders: 1, quantity: 2, revenue: 10, highestPrice: 5 },
  ],
  medianPrice: 20,
  longestComment: "urgent".length,
};
