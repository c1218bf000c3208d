/**
 * The registry of benchmark functions: ten functions of the papers' suites.
 */
import type { BenchmarkFunction } from "./benchmark-function.ts";
import { compression } from "./compression/function.ts";
import { csv } from "./csv/function.ts";
import { dnaVisualization } from "./dna-visualization/function.ts";
import { graphBfs } from "./graph-bfs/function.ts";
import { graphPagerank } from "./graph-pagerank/function.ts";
import { htmlTemplate } from "./html-template/function.ts";
import { json } from "./json/function.ts";
import { jwt } from "./jwt/function.ts";
import { sqlite } from "./sqlite/function.ts";
import { thumbnail } from "./thumbnail/function.ts";

export const benchmarkFunctions = {
  thumbnail,
  compression,
  "html-template": htmlTemplate,
  json,
  csv,
  "graph-pagerank": graphPagerank,
  "graph-bfs": graphBfs,
  "dna-visualization": dnaVisualization,
  sqlite,
  jwt,
} as const satisfies Record<string, BenchmarkFunction>;

export type BenchmarkFunctionName = keyof typeof benchmarkFunctions;
