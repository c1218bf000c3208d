import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkXml } from "../../test/check-xml.ts";
import { criticalPath } from "./critical-path.ts";
import { graphSvg } from "./graph-picture.ts";

type Edge = readonly [number, number];

/** Stages by their weights, and edges that lead from lower to higher ones, each once. */
const graph = fc.array(fc.nat(20), { minLength: 1, maxLength: 8 }).chain((weights) =>
  fc.record({
    weights: fc.constant(weights),
    edges: fc.subarray(
      weights.flatMap((_, to) => Array.from({ length: to }, (__, from): Edge => [from, to])),
    ),
  }),
);

/** The weight of the heaviest path, found by trying all that end at a stage. */
function heaviest(weights: readonly number[], edges: readonly Edge[]): number {
  const to = (stage: number): number =>
    (weights[stage] ?? 0) +
    Math.max(0, ...edges.filter(([, end]) => end === stage).map(([from]) => to(from)));
  return Math.max(...weights.map((_, stage) => to(stage)));
}

const count = (svg: string, part: string): number => svg.split(part).length - 1;

describe("criticalPath()", () => {
  it("is a way along the edges, and none is longer", () => {
    fc.assert(
      fc.property(graph, ({ weights, edges }) => {
        const path = criticalPath({ weights, edges });
        for (const [i, to] of path.slice(1).entries()) expect(edges).toContainEqual([path[i], to]);
        const sum = path.reduce((total, stage) => total + (weights[stage] ?? 0), 0);
        expect(sum).toBe(heaviest(weights, edges));
      }),
    );
    expect(criticalPath({ weights: [], edges: [] })).toEqual([]);
  });
});

describe("graphSvg()", () => {
  it("draws every stage and edge once, and makes the critical path stand out (G1)", () => {
    fc.assert(
      fc.property(graph, ({ weights, edges }) => {
        const path = criticalPath({ weights, edges });
        const stages = weights.map((weight, i) => ({ title: `stage ${i}`, facts: [`takes ${weight}`] }));
        const svg = graphSvg({ title: "w", subtitle: "", stages, edges, criticalPath: path });
        expect(count(svg, '<rect class="stage ')).toBe(weights.length);
        expect(count(svg, '<path class="edge ')).toBe(edges.length);
        expect(count(svg, '<rect class="stage critical"')).toBe(path.length);
        expect(count(svg, '<path class="edge critical"')).toBe(path.length - 1);
      }),
    );
  });

  it("survives any text, and a workflow without stages (G2)", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const stages = [{ title: text, facts: [`<${text}&`] }];
        checkXml(graphSvg({ title: text, subtitle: text, stages, edges: [], criticalPath: [0] }));
      }),
    );
    checkXml(graphSvg({ title: "empty", subtitle: "", stages: [], edges: [], criticalPath: [] }));
  });
});
