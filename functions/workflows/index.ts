/**
 * The registry of benchmark workflows: one of each shape that the papers measure.
 */
import type { BenchmarkWorkflow } from "./benchmark-workflow.ts";
import { chain } from "./chain.ts";
import { conditional } from "./conditional.ts";
import { fanOut } from "./fan-out.ts";
import { mixed } from "./mixed.ts";

export const benchmarkWorkflows = {
  chain,
  "fan-out": fanOut,
  conditional,
  mixed,
} as const satisfies Record<string, BenchmarkWorkflow>;
