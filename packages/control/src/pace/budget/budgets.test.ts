import { seconds, type WorkflowGraph } from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AnyProblem,
  anyProblem,
  chain,
  hardProblem,
  option,
  stageNode,
} from "../../../test/arbitrary-problem.ts";
import type { BudgetProblem, Budgets } from "./budget-method.ts";
import type { StageOption } from "./front.ts";
import { type BudgetMethodName, budgetMethods } from "./index.ts";
import { Paths } from "./paths.ts";

const names = Object.keys(budgetMethods) as readonly BudgetMethodName[];

function budgetsBy(name: BudgetMethodName, problem: BudgetProblem): Budgets {
  const result = budgetMethods[name].plan(problem);
  if (result.kind === "infeasible") throw new Error(`${name} finds ${problem.deadline} s too little`);
  return result;
}

const energyOf = ({ graph }: BudgetProblem, choices: readonly StageOption[]): number =>
  choices.reduce((sum, { energy }, stage) => sum + (graph.stages[stage]?.visits ?? 0) * energy, 0);

/** The least energy of all choices that fit, one by one. */
function leastOfAll(problem: AnyProblem): number {
  const paths = new Paths(problem.graph);
  const latencies = problem.options.map((ofStage) => ofStage[0]?.latency ?? 0);
  let least = Infinity;
  const visit = (stage: number, energy: number): void => {
    if (energy >= least || paths.longest(latencies) > problem.deadline) return;
    const fastest = latencies[stage] ?? 0;
    if (stage === latencies.length) least = energy;
    for (const choice of problem.options[stage] ?? []) {
      latencies[stage] = choice.latency;
      visit(stage + 1, energy + (problem.graph.stages[stage]?.visits ?? 0) * choice.energy);
    }
    if (stage < latencies.length) latencies[stage] = fastest;
  };
  visit(0, 0);
  return least;
}

/** The least energy of a chain by latencies in whole units: the best of each sum of latencies, stage by stage. */
function leastOfChain(options: readonly (readonly StageOption[])[], deadline: number): number {
  let best = new Map([[0, 0]]);
  for (const ofStage of options) {
    const next = new Map<number, number>();
    for (const [time, energy] of best)
      for (const choice of ofStage) {
        const sum = time + choice.latency;
        if (sum <= deadline) next.set(sum, Math.min(next.get(sum) ?? Infinity, energy + choice.energy));
      }
    best = next;
  }
  return Math.min(...best.values());
}

describe.each(names)("budgets by %s", (name) => {
  it("fit the deadline on every path, and hold what was planned (B1, B2)", () => {
    fc.assert(
      fc.property(anyProblem(8, 8), (problem) => {
        const { budgets, choices, energy, bound } = budgetsBy(name, problem);
        const paths = new Paths(problem.graph);
        for (const path of paths.list(1000).paths) {
          const time = path.reduce(
            (sum, stage) => sum + (problem.graph.stages[stage]?.repeats ?? 0) * (budgets[stage] ?? NaN),
            0,
          );
          expect(time).toBeLessThanOrEqual(problem.deadline * (1 + 1e-9));
        }
        for (const [stage, budget] of budgets.entries()) {
          expect(choices[stage]?.latency).toBeLessThanOrEqual(budget);
          expect(problem.options[stage]).toContain(choices[stage]);
        }
        expect(energy).toBeCloseTo(energyOf(problem, choices), 9);
        expect(bound).toBeLessThanOrEqual(energy);
      }),
    );
  });

  it("say the smallest deadline where none fits (B3)", () => {
    fc.assert(
      fc.property(anyProblem(6, 4), (problem) => {
        const deadline = seconds(problem.smallest * 0.999);
        expect(budgetMethods[name].plan({ ...problem, deadline })).toEqual({
          kind: "infeasible",
          smallest: problem.smallest,
        });
        expect(budgetsBy(name, { ...problem, deadline: seconds(problem.smallest) }).kind).toBe("budgets");
      }),
    );
  });

  it("are nothing where there are no stages", () => {
    const nothing = { graph: { stages: [], edges: [] }, options: [], deadline: seconds(1) };
    expect(budgetsBy(name, nothing)).toMatchObject({ budgets: [], energy: 0 });
  });
});

describe("budgets by least-energy", () => {
  it.each([
    ["any", anyProblem(5, 6)],
    ["hard", hardProblem(6, 7)],
  ])("take as little energy as the best of all choices: %s problems", (_kind, problems) => {
    fc.assert(
      fc.property(problems, (problem) => {
        const { energy, isOptimal, bound } = budgetsBy("least-energy", problem);
        expect(energy).toBeCloseTo(leastOfAll(problem), 5);
        expect(isOptimal).toBe(true);
        expect(bound).toBeCloseTo(energy, 5);
      }),
      { numRuns: 200 },
    );
  });

  it("take as little energy as the best choices of a long chain", () => {
    const anyStage = fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 500 })), {
      minLength: 40,
      maxLength: 40,
    });
    fc.assert(
      fc.property(
        fc.array(anyStage, { minLength: 12, maxLength: 12 }),
        fc.integer({ min: 100, max: 500 }),
        (stages, deadline) => {
          const options = stages.map((ofStage) =>
            ofStage.map(([latency, energy]) => option(latency, energy)).sort((a, b) => a.latency - b.latency),
          );
          const result = budgetMethods["least-energy"].plan({
            graph: chain(12),
            options,
            deadline: seconds(deadline),
          });
          const least = leastOfChain(options, deadline);
          if (result.kind === "infeasible") expect(least).toBe(Infinity);
          else expect(result).toMatchObject({ isOptimal: true, energy: least });
        },
      ),
      { numRuns: 30 },
    );
  });

  it("never take more than budgets that merely fit", () => {
    fc.assert(
      fc.property(anyProblem(10, 12), (problem) => {
        const most = budgetsBy("fit", problem).energy;
        expect(budgetsBy("least-energy", problem).energy).toBeLessThanOrEqual(most * (1 + 1e-9));
      }),
    );
  });

  it("never take more for a longer deadline", () => {
    fc.assert(
      fc.property(anyProblem(7, 8), fc.double({ min: 1, max: 3, noNaN: true }), (problem, factor) => {
        const later = { ...problem, deadline: seconds(problem.deadline * factor) };
        const most = budgetsBy("least-energy", problem).energy;
        expect(budgetsBy("least-energy", later).energy).toBeLessThanOrEqual(most * (1 + 1e-6) + 1e-6);
      }),
    );
  });

  it("use the deadline up along the longest path", () => {
    const options = [[option(1, 8), option(2, 4)], [option(1, 2)]];
    const { budgets, choices } = budgetsBy("least-energy", {
      graph: chain(2),
      options,
      deadline: seconds(6),
    });
    expect(choices.map(({ latency }) => latency)).toEqual([2, 1]);
    expect(budgets[0]).toBeCloseTo(4, 9);
    expect(budgets[1]).toBeCloseTo(2, 9);
  });

  it("are as slow as can be where no run came by yet, too", () => {
    const graph: WorkflowGraph = { stages: [stageNode(0), stageNode(1, { visits: 0 })], edges: [[0, 1]] };
    const options = [[option(1, 1)], [option(1, 9), option(5, 3), option(50, 1)]];
    expect(budgetsBy("least-energy", { graph, options, deadline: seconds(10) }).choices[1]?.latency).toBe(5);
  });
});

describe("budgets by fit", () => {
  const even = [1, 1.5, 2, 3, 4].map((latency, setting) => option(latency, 10 / latency, setting));

  it("stretch the stages of the critical path alike, and use up what is left", () => {
    const { budgets } = budgetsBy("fit", {
      graph: chain(3),
      options: [even, even, even],
      deadline: seconds(6.6),
    });
    expect(budgets).toEqual([2, 2, 2]);
    const more = budgetsBy("fit", { graph: chain(3), options: [even, even, even], deadline: seconds(7) });
    expect(more.budgets.toSorted()).toEqual([2, 2, 3]);
  });

  it("give other stages the stretch of the critical stage that they resemble", () => {
    const graph: WorkflowGraph = {
      stages: [stageNode(0), stageNode(1), stageNode(2)],
      edges: [
        [0, 1],
        [0, 2],
      ],
    };
    const short = even.map(({ latency, energy }) => option(latency / 2, energy));
    const { budgets } = budgetsBy("fit", {
      graph,
      options: [[option(1, 1)], even, short],
      deadline: seconds(3),
    });
    expect(budgets).toEqual([1, 2, 1]);
  });

  it("tighten other stages where their path would be too long", () => {
    // 0 -> 2 is critical; 1 -> 2 is nearly, and its stage cannot be stretched as little as 0.
    const graph: WorkflowGraph = {
      stages: [stageNode(0), stageNode(1, { function: stageNode(2).function }), stageNode(2)],
      edges: [
        [0, 2],
        [1, 2],
      ],
    };
    const options = [[option(1.1, 3), option(1.2, 2)], even, even];
    const { budgets } = budgetsBy("fit", { graph, options, deadline: seconds(3.2) });
    expect(budgets).toEqual([1.2, 1, 2]);
  });
});
