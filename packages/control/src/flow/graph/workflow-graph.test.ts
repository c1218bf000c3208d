import { seconds, type WorkflowGraph } from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerOf, anyWorkflow } from "../../../test/flow/any-workflow.ts";
import { FlowShell, workflow } from "../../../test/flow/flow-shell.ts";
import { BranchStatistics, type Json, type WorkflowDefinition, workflowGraph } from "../../index.ts";

const call = (fn: string, more: Readonly<Record<string, Json>> = {}): Json => ({ call: fn, ...more });

/** The edges of a graph by the names of the tasks. */
const edgesOf = ({ stages, edges }: WorkflowGraph): readonly string[] =>
  edges.map((edge) => edge.map((index) => stages[index]?.name.split("/").at(-1)).join(">")).sort();

const graphOf = (list: WorkflowDefinition["do"], more: Readonly<Record<string, Json>> = {}): WorkflowGraph =>
  workflowGraph(workflow(list, more));

describe("the graph of a workflow", () => {
  it("has calls, waits and workflows as stages, in order", () => {
    const graph = graphOf([
      { a: call("resize") },
      { b: { set: {} } },
      { c: { wait: "PT5S" } },
      { d: call("http", { with: { endpoint: "http://x" } }) },
      { e: { run: { workflow: { namespace: "x", name: "y", version: "1" } } } },
    ]);
    expect(graph.stages).toMatchObject([
      { name: "/do/0/a", function: "resize", latency: undefined, repeats: 1, visits: 1 },
      { name: "/do/2/c", function: undefined, latency: 5 },
      { name: "/do/3/d", function: undefined, latency: undefined },
      { name: "/do/4/e", function: undefined },
    ]);
    expect(edgesOf(graph)).toEqual(["a>c", "c>d", "d>e"]);
  });

  it("has the branches of a fork between what comes before and after", () => {
    const branches = [{ b: call("b") }, { c: { do: [{ c1: call("c1") }, { c2: call("c2") }] } }];
    const graph = graphOf([{ a: call("a") }, { f: { fork: { branches } } }, { d: call("d") }]);
    expect(edgesOf(graph)).toEqual(["a>b", "a>c1", "b>d", "c1>c2", "c2>d"]);
  });

  it("has the cases of a switch beside each other, equally likely", () => {
    const graph = graphOf([
      { choose: { switch: [{ one: { when: ".x", then: "b" } }, { other: { then: "c" } }] } },
      { b: call("b", { then: "d" }) },
      { c: call("c") },
      { d: call("d") },
    ]);
    expect(edgesOf(graph)).toEqual(["b>d", "c>d"]);
    expect(graph.stages.map(({ visits }) => visits)).toEqual([0.5, 0.5, 1]);
  });

  it("follows jumps forward, skips what nothing leads to, and stops at end", () => {
    const graph = graphOf([
      { a: call("a", { then: "c" }) },
      { b: call("b", { then: "end" }) },
      { c: call("c", { then: "b" }) },
      { never: call("never") },
    ]);
    expect(graph.stages.map(({ name }) => name)).toEqual(["/do/0/a", "/do/2/c", "/do/1/b"]);
    expect(edgesOf(graph)).toEqual(["a>c", "c>b"]);
  });

  it("leads around what has a condition", () => {
    const graph = graphOf([{ a: call("a") }, { b: call("b", { if: ".x" }) }, { c: call("c") }]);
    expect(edgesOf(graph)).toEqual(["a>b", "a>c", "b>c"]);
    expect(graph.stages[1]?.visits).toBe(0.5);
  });

  it("makes repeats of loops and of jumps back", () => {
    const graph = graphOf([
      { loop: { for: { in: ".list" }, do: [{ a: call("a") }] } },
      { b: call("b") },
      { again: { switch: [{ yes: { when: ".again", then: "b" } }] } },
      { c: call("c") },
    ]);
    expect(graph.stages).toMatchObject([
      { repeats: 4, visits: 4 },
      { repeats: 4, visits: 4 },
      { repeats: 1, visits: 1 },
    ]);
    expect(edgesOf(graph)).toEqual(["a>b", "b>c"]);
  });

  it("has what handles a fault as a branch that few runs take", () => {
    const caught = { do: [{ c: call("c") }] };
    const graph = graphOf([{ a: { try: [{ b: call("b") }], catch: caught } }, { d: call("d") }]);
    expect(edgesOf(graph)).toEqual(["b>c", "b>d", "c>d"]);
    expect(graph.stages.find(({ name }) => name.endsWith("/c"))?.visits).toBe(0.05);
  });

  it("has functions of the workflow where they are called, and none for what calls itself", () => {
    const functions = { own: { do: [{ x: call("x") }, { y: call("own") }] } };
    const graph = graphOf([{ a: call("own") }, { b: call("own") }], { use: { functions } });
    expect(graph.stages.map(({ name }) => name)).toEqual(["/do/0/a/do/0/x", "/do/1/b/do/0/x"]);
  });

  it("leads from lower to higher, whatever the workflow", () => {
    fc.assert(
      fc.property(anyWorkflow, (definition) => {
        const { stages, edges } = workflowGraph(definition);
        expect(edges.every(([from, to]) => from < to && to < stages.length)).toBe(true);
        expect(new Set(stages.map(({ name }) => name)).size).toBe(stages.length);
        expect(stages.every(({ repeats, visits }) => repeats >= 1 && visits >= 0)).toBe(true);
      }),
    );
  });
});

describe("what runs teach", () => {
  const list = [
    { loop: { for: { in: ".list" }, do: [{ a: call("a") }] } },
    { choose: { switch: [{ one: { when: ".x", then: "b" } }, { other: { then: "c" } }] } },
    { b: call("b", { then: "end" }) },
    { c: call("c") },
  ];
  const learn = (statistics: BranchStatistics, input: Json): void => {
    const shell = new FlowShell();
    shell.execute(workflow(list), input);
    statistics.addRun([
      ...shell.steps.map(({ execution }) => execution),
      ...shell.records.map(({ key }) => key),
    ]);
  };

  it("counts the rounds of loops and the branches that are taken", () => {
    const statistics = new BranchStatistics();
    for (let run = 0; run < 99; run++)
      learn(statistics, { list: run % 9 === 0 ? [1, 2, 3, 4, 5, 6] : [1, 2], x: run % 3 === 0 });
    const again = BranchStatistics.from(JSON.parse(JSON.stringify(statistics)) as Json);
    expect(again.toJSON()).toEqual(statistics.toJSON());
    const [a, b, c] = workflowGraph(workflow(list), again).stages;
    expect(a?.repeats).toBe(6);
    expect(a?.visits).toBeCloseTo(2.5, 1);
    expect(b?.visits).toBeCloseTo(1 / 3, 1);
    expect(c?.visits).toBeCloseTo(2 / 3, 1);
  });

  it("learns how long takes what is no function", () => {
    const statistics = new BranchStatistics();
    statistics.addLatency("/do/0/a", seconds(1));
    statistics.addLatency("/do/0/a", seconds(3));
    expect(workflowGraph(workflow([{ a: call("http") }]), statistics).stages[0]?.latency).toBe(2);
  });

  it("knows every step of any run by a stage of its graph", () => {
    fc.assert(
      fc.property(anyWorkflow, (definition) => {
        const names = new Set(workflowGraph(definition).stages.map(({ name }) => name));
        const shell = new FlowShell({ answer: answerOf });
        shell.execute(definition, { words: "x" });
        for (const { task } of shell.steps) expect(names).toContain(task);
        const statistics = new BranchStatistics();
        statistics.addRun(shell.steps.map(({ execution }) => execution));
        for (const { task } of shell.steps) expect(statistics.executionsOf(task)).toBeGreaterThan(0);
      }),
    );
  });

  it("starts anew from what is no statistics", () => {
    expect(BranchStatistics.from([1]).runs).toBe(0);
    expect(BranchStatistics.from(undefined).runs).toBe(0);
  });
});
