/**
 * thumbnail: the benchmark function of that name, at its smallest size. Its input is the same for every seed.
 */
import { join } from "node:path";
import { benchmarkFunctions } from "@frugal/functions";
import type { StartFunction } from "./start-function.ts";

const benchmark = benchmarkFunctions.thumbnail;
const { runtimes, summary, memoryMebibytes } = benchmark;
const input = benchmark.payload("test");

export const thumbnail: StartFunction = {
  name: "thumbnail",
  summary,
  folder: join(import.meta.dirname, "../../../functions", runtimes.nodejs.folder),
  settings: { runtime: "nodejs", handler: runtimes.nodejs.handler, memoryMiB: memoryMebibytes },
  holds: false,
  payload: () => input,
  check: (_, output) => benchmark.check("test", input, output),
};
