/**
 * A benchmark workflow: where its definition is, what it is run with and how its output is judged.
 *
 * Invariants (cited by the tests):
 *   W1  `check` accepts what a run answers to each of `inputs`
 *   W2  `check` refuses an output that differs from the right one in any field
 *   W3  `inputs` gives the same documents every time, under 100 kB
 */
import type { BenchmarkFunctionName } from "../registry.ts";

export interface BenchmarkWorkflow {
  /** In the namespace `default`. */
  readonly name: string;
  readonly summary: string;
  /** The definition, relative to this folder. */
  readonly file: string;
  /** What it calls. */
  readonly functions: readonly BenchmarkFunctionName[];
  /** Each leads another way through the workflow. */
  inputs(): readonly [object, ...object[]];
  /** What is wrong with `output`, the workflow's answer to `input`, one of `inputs`; undefined where it is right. */
  check(input: object, output: unknown): string | undefined;
}
