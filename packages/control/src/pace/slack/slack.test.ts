import { seconds } from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyGraph, chain, stageNode } from "../../../test/arbitrary-problem.ts";
import { Paths } from "../budget/paths.ts";
import { gainAt } from "./gain.ts";
import { PlannedStarts } from "./planned-start.ts";
import { nextTarget } from "./target.ts";

const gain = { a: 4, b: 2, c: 0.5, k0: 1.5 };

describe("gain", () => {
  it("is constant where the run is late, else quadratic", () => {
    expect(gainAt(gain, -0.001)).toBe(1.5);
    expect(gainAt(gain, -10)).toBe(1.5);
    expect(gainAt(gain, 0)).toBe(0.5);
    expect(gainAt(gain, 0.5)).toBe(2.5);
  });
});

describe("target", () => {
  it("makes up for what was lost, and spends some of what was won", () => {
    expect(nextTarget(seconds(4), seconds(-1), seconds(10), gain)).toBe(2.5);
    expect(nextTarget(seconds(4), seconds(5), seconds(10), gain)).toBe(16.5);
    expect(nextTarget(seconds(4), seconds(0), seconds(10), gain)).toBe(4);
  });

  it("is never below zero", () => {
    expect(nextTarget(seconds(4), seconds(-100), seconds(10), gain)).toBe(0);
  });

  it("is the same for a workflow a thousand times as long", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        (b, s) => {
          const short = nextTarget(seconds(b), seconds(s), seconds(2), gain);
          const long = nextTarget(seconds(1000 * b), seconds(1000 * s), seconds(2000), gain);
          expect(long).toBeCloseTo(1000 * short, 6);
        },
      ),
    );
  });
});

describe("PlannedStarts", () => {
  const inSeconds = (...values: readonly number[]): ReturnType<typeof seconds>[] => values.map(seconds);

  it("are where the longest path by budgets ends", () => {
    fc.assert(
      fc.property(anyGraph(8), (graph) => {
        const once = { ...graph, stages: graph.stages.map((stage) => ({ ...stage, repeats: 1 })) };
        const paths = new Paths(once);
        const budgets = once.stages.map((_, stage) => seconds(stage + 1));
        const starts = new Float64Array(paths.size);
        paths.starts(budgets, starts);
        const planned = new PlannedStarts(paths, budgets);
        const executed = once.stages.map(() => 0);
        expect(once.stages.map((_, stage) => planned.of(stage, executed))).toEqual([...starts]);
      }),
    );
  });

  it("follow a loop around: each execution is due when those before it are", () => {
    const graph = {
      ...chain(4),
      stages: [stageNode(0), stageNode(1, { repeats: 3 }), stageNode(2, { repeats: 3 }), stageNode(3)],
    };
    const planned = new PlannedStarts(new Paths(graph), inSeconds(10, 2, 3, 10));
    const executed = [0, 0, 0, 0];
    const due = [0, 1, 2, 1, 2, 1, 2, 3].map((stage) => {
      const start = planned.of(stage, executed);
      executed[stage] = (executed[stage] ?? 0) + 1;
      return start;
    });
    expect(due).toEqual([0, 10, 12, 15, 17, 20, 22, 25]);
  });

  it("wait for no stage that a switch left out", () => {
    const graph = {
      stages: [stageNode(0), stageNode(1), stageNode(2, { repeats: 2 })],
      edges: [
        [0, 2],
        [1, 2],
      ] as const,
    };
    const planned = new PlannedStarts(new Paths(graph), inSeconds(5, 3, 1));
    expect(planned.of(2, [1, 0, 0])).toBe(5);
    expect(planned.of(2, [1, 0, 1])).toBe(6);
  });
});
