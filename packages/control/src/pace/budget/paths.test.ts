import { seconds } from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyGraph, chain, stageNode } from "../../../test/arbitrary-problem.ts";
import { Paths, slackOfStages } from "./paths.ts";

/** 0 -> (1 -> 2 | 3) -> 4 */
const diamond = {
  stages: [0, 1, 2, 3, 4].map((index) => stageNode(index)),
  edges: [
    [0, 1],
    [1, 2],
    [0, 3],
    [2, 4],
    [3, 4],
  ],
} as const;

const graphAndLatencies = anyGraph(8).chain((graph) =>
  fc.tuple(
    fc.constant(graph),
    fc.array(fc.integer({ min: 0, max: 100 }), {
      minLength: graph.stages.length,
      maxLength: graph.stages.length,
    }),
  ),
);

describe("Paths", () => {
  it("finds the longest of all paths, repeats counted, without listing them", () => {
    fc.assert(
      fc.property(graphAndLatencies, ([graph, latencies]) => {
        const paths = new Paths(graph);
        const sums = paths
          .list(1000)
          .paths.map((path) =>
            path.reduce(
              (sum, stage) => sum + (graph.stages[stage]?.repeats ?? 0) * (latencies[stage] ?? 0),
              0,
            ),
          );
        const longest = Math.max(...sums);
        expect(paths.longest(latencies)).toBe(longest);
        const critical = paths.critical(latencies);
        expect(critical.latency).toBe(longest);
        expect(sums[paths.list(1000).paths.findIndex((path) => path.join() === critical.stages.join())]).toBe(
          longest,
        );
      }),
    );
  });

  it("lists no more paths than asked for, and says so", () => {
    expect(new Paths(diamond).list(10)).toEqual({
      paths: [
        [0, 1, 2, 4],
        [0, 3, 4],
      ],
      isComplete: true,
    });
    expect(new Paths(diamond).list(1)).toEqual({ paths: [[0, 1, 2, 4]], isComplete: false });
    expect(new Paths(diamond).list(2).isComplete).toBe(true);
  });

  it("says by how much each stage could take longer", () => {
    const slack = slackOfStages(new Paths(diamond), [1, 2, 3, 1, 1], seconds(10));
    expect(slack).toEqual([3, 3, 3, 7, 3]);
  });

  it("counts an edge that is there twice once", () => {
    const twice = { ...chain(2), edges: [...chain(2).edges, ...chain(2).edges] };
    expect(new Paths(twice).list(10).paths).toEqual([[0, 1]]);
  });

  it("refuses edges that lead back, or nowhere", () => {
    expect(() => new Paths({ ...chain(2), edges: [[1, 0]] })).toThrow(RangeError);
    expect(() => new Paths({ ...chain(2), edges: [[0, 2]] })).toThrow(RangeError);
  });

  it("has no length where there are no stages", () => {
    const nothing = new Paths({ stages: [], edges: [] });
    expect(nothing.critical([])).toEqual({ stages: [], latency: 0 });
  });
});
