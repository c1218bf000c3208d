import { functionName, ratio, seconds, type WorkflowDeadline, type WorkflowGraph } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { chain, stageNode } from "../../../test/arbitrary-problem.ts";
import { GreyModel } from "../../../test/grey-model.ts";
import { UNPACED } from "./front.ts";
import { type BudgetMethodName, budgetMethods } from "./index.ts";
import { type PlannedWorkflow, planWorkflow } from "./workflow-budgets.ts";

const work = { core: 1e6, uncore: 2e8, fixed: 0.05 };
const works = new Map([0, 1].map((index) => [functionName(`function-${index}`), work]));
const model = new GreyModel(works);
const due = (deadline: number, quantile = 0.95): WorkflowDeadline => ({
  deadline: seconds(deadline),
  quantile: ratio(quantile),
});

describe.each(Object.keys(budgetMethods) as BudgetMethodName[])("workflow budgets by %s", (name) => {
  const planned = (graph: WorkflowGraph, deadline: WorkflowDeadline, known: GreyModel): PlannedWorkflow => {
    const plan = planWorkflow(graph, deadline, known, budgetMethods[name]);
    if (plan.kind !== "budgets") throw new Error(`There is no plan: ${plan.kind}`);
    return plan;
  };

  it("name the stages that are not known yet", () => {
    const graph = { ...chain(4), stages: [...chain(3).stages, stageNode(3, { function: undefined })] };
    const plan = planWorkflow(graph, due(10), model, budgetMethods[name]);
    expect(plan).toEqual({ kind: "unknown", stages: ["/do/2/stage", "/do/3/stage"] });
  });

  it("leave out of the deadline what is no function of ours", () => {
    const wait = stageNode(1, { function: undefined, latency: seconds(1.5) });
    const graph = { ...chain(2), stages: [stageNode(0), wait] };
    const { choices, budgets } = planned(graph, due(2.5), model);
    expect(choices[1]).toMatchObject({ setting: UNPACED, latency: 1.5, energy: 0 });
    expect(budgets[1]).toBeGreaterThanOrEqual(1.5);
    expect((budgets[0] ?? NaN) + (budgets[1] ?? NaN)).toBeLessThanOrEqual(2.5);
  });

  it("leave more room for a higher quantile, and where functions vary more", () => {
    const at = (quantile: number, known = model): number =>
      planned(chain(2), due(2, quantile), known).planned;
    expect(at(0.5)).toBe(2);
    expect(at(0.95)).toBeLessThan(at(0.9));
    const wild = new GreyModel(works, model.grid, ratio(0.3));
    expect(at(0.95, wild)).toBeLessThan(at(0.95));
  });

  it("plan the fastest where the quantile leaves no room, and say so", () => {
    const least = planned(chain(2), due(10), model).critical.latency;
    const tight = planned(chain(2), due(least * 1.01), model);
    expect(tight.hasRoom).toBe(false);
    expect(tight.planned).toBe(least);
    expect(planned(chain(2), due(least * 2), model).hasRoom).toBe(true);
    const impossible = planWorkflow(chain(2), due(least * 0.99), model, budgetMethods[name]);
    expect(impossible).toEqual({ kind: "infeasible", smallest: least });
  });
});
