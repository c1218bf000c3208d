/**
 * Workflows to make budgets for: any graph of a few stages, each with a few options of any latency and energy.
 */
import { functionName, joules, seconds, type StageNode, type WorkflowGraph } from "@frugal/core";
import fc from "fast-check";
import type { BudgetProblem } from "../src/pace/budget/budget-method.ts";
import { type StageOption, worthChoosing } from "../src/pace/budget/front.ts";
import { Paths } from "../src/pace/budget/paths.ts";

export const stageNode = (index: number, change: Partial<StageNode> = {}): StageNode => ({
  name: `/do/${index}/stage`,
  function: functionName(`function-${index}`),
  latency: undefined,
  repeats: 1,
  visits: 1,
  ...change,
});

export const option = (latency: number, energy: number, setting = 0): StageOption => ({
  setting,
  latency: seconds(latency),
  energy: joules(energy),
});

export const chain = (length: number): WorkflowGraph => ({
  stages: Array.from({ length }, (_, index) => stageNode(index)),
  edges: Array.from({ length: length - 1 }, (_, index) => [index, index + 1] as const),
});

const anyOption = fc
  .tuple(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 1000 }))
  .map(([latency, energy]) => option(latency / 100, energy / 10));

const anyOptions = (most: number): fc.Arbitrary<readonly StageOption[]> =>
  fc.array(anyOption, { minLength: 1, maxLength: most }).map((options) => worthChoosing(options, "energy"));

/** Options that are nearly as good as one another: energy is about one over the latency. */
const evenOptions = (count: number): fc.Arbitrary<readonly StageOption[]> =>
  fc
    .array(
      fc
        .tuple(fc.integer({ min: 100, max: 400 }), fc.double({ min: 1, max: 1.3, noNaN: true }))
        .map(([latency, waste]) => option(latency / 100, (4000 * waste) / latency)),
      { minLength: count, maxLength: count },
    )
    .map((options) => worthChoosing(options, "energy"));

export const anyGraph = (most: number): fc.Arbitrary<WorkflowGraph> =>
  fc.integer({ min: 1, max: most }).chain(anyGraphOf);

function anyGraphOf(size: number): fc.Arbitrary<WorkflowGraph> {
  const pairs = Array.from({ length: size }, (_, to) =>
    Array.from({ length: to }, (_, from) => [from, to] as const),
  ).flat();
  const node = (index: number): fc.Arbitrary<StageNode> =>
    fc
      .record({ repeats: fc.integer({ min: 1, max: 3 }), visits: fc.constantFrom(0, 0.25, 1, 2.5) })
      .map((counts) => stageNode(index, counts));
  return fc.record({
    stages: fc.tuple(...Array.from({ length: size }, (_, index) => node(index))),
    edges: fc.subarray(pairs),
  });
}

export interface AnyProblem extends BudgetProblem {
  /** Smallest deadline that can be met. */
  readonly smallest: number;
}

/** Deadlines are from the smallest to half more than the slowest options need. */
export const anyProblem = (mostStages: number, mostOptions: number): fc.Arbitrary<AnyProblem> =>
  anyGraph(mostStages).chain((graph) => problemOf(graph, anyOptions(mostOptions), 0, 1.5));

/** Problems that are hard to solve: many choices are nearly the best, and the deadline leaves about half of them. */
export const hardProblem = (stages: number, options: number): fc.Arbitrary<AnyProblem> =>
  anyGraphOf(stages).chain((graph) => problemOf(graph, evenOptions(options), 0.2, 0.8));

const problemOf = (
  graph: WorkflowGraph,
  anyOfStage: fc.Arbitrary<readonly StageOption[]>,
  tightest: number,
  loosest: number,
): fc.Arbitrary<AnyProblem> =>
  fc
    .tuple(
      fc.tuple(...graph.stages.map(() => anyOfStage)),
      fc.double({ min: tightest, max: loosest, noNaN: true }),
    )
    .map(([options, looseness]) => {
      const paths = new Paths(graph);
      const smallest = paths.longest(options.map((ofStage) => ofStage[0]?.latency ?? 0));
      const largest = paths.longest(options.map((ofStage) => ofStage.at(-1)?.latency ?? 0));
      return { graph, options, smallest, deadline: seconds(smallest + looseness * (largest - smallest)) };
    });
