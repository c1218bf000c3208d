import { functionName, gigahertz, ratio, seconds, type WorkflowGraph, workflowName } from "@frugal/core";
import { beforeEach, describe, expect, it } from "vitest";
import { SimpleModel } from "../../test/simple-model.ts";
import { WorkflowPlans } from "./workflow-plans.ts";

const fn = functionName("resize");
const name = workflowName("default/images");
const graph: WorkflowGraph = {
  stages: [{ name: "/do/0/resize", function: fn, latency: undefined, repeats: 1, visits: 1 }],
  edges: [],
};
const workflow = { graph, deadline: { deadline: seconds(5), quantile: ratio(0.95) }, budgets: undefined };

let model: SimpleModel;
let plans: WorkflowPlans;
beforeEach(() => {
  model = new SimpleModel({ core: [1, 2].map(gigahertz), uncore: [] });
  plans = new WorkflowPlans("least-energy");
});

function learn(executions: number): void {
  for (let i = 0; i < executions; i++) plans.noteLearnt();
}

describe("WorkflowPlans", () => {
  it("has budgets as soon as the functions are known, however much was learnt before the workflow came (B1)", () => {
    learn(1e5);
    plans.deploy(name, workflow);
    expect(plans.planOf(name, model)).toMatchObject({ deadline: 5, budgets: undefined });
    learn(1);
    expect(plans.planOf(name, model)?.budgets).toBeUndefined();
    model.know(fn);
    learn(1);
    expect(plans.planOf(name, model)?.budgets).toHaveLength(1);
  });

  it("makes budgets anew when a fifth of what was learnt since the workflow came is new (B2)", () => {
    learn(1e5);
    model.know(fn);
    plans.deploy(name, workflow);
    learn(100);
    const first = plans.planOf(name, model);
    learn(24);
    expect(plans.planOf(name, model)).toBe(first);
    learn(1);
    const second = plans.planOf(name, model);
    expect(second).not.toBe(first);
    // More is known of its branches: it is the same workflow.
    plans.deploy(name, workflow);
    const third = plans.planOf(name, model);
    expect(third).not.toBe(second);
    learn(24);
    expect(plans.planOf(name, model)).toBe(third);
  });

  it("plans nothing where nobody asked for a deadline, or there is no such workflow", () => {
    plans.deploy(name, { ...workflow, deadline: undefined });
    expect(plans.planOf(name, model)).toBeUndefined();
    plans.deploy(name, workflow);
    plans.remove(name);
    expect(plans.planOf(name, model)).toBeUndefined();
  });
});
