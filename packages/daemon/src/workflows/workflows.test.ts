/**
 * Runs of workflows with the real engine, the real jq and a real database; only the platform and the time are a test's.
 */
import { randomUUID } from "node:crypto";
import { gigahertz, seconds } from "@frugal/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Answer, success } from "../../test/fake-platform.ts";
import { turns } from "../../test/manual-clock.ts";
import { WorkflowRig } from "../../test/workflow-rig.ts";

let rig: WorkflowRig;

beforeEach(() => {
  rig = new WorkflowRig();
});
afterEach(() => {
  rig.close();
});

const standard = "https://serverlessworkflow.io/spec/1.0.0/errors/";
const failure: Answer = {
  kind: "function-error",
  error: { errorType: "RangeError", errorMessage: "too wide" },
  cpu: undefined,
  pageFaults: undefined,
};
const call = (name: string, payload?: object) =>
  payload === undefined ? { call: name } : { call: name, with: payload };

describe("runs", () => {
  it("call functions with what the tasks say, and give what the last one gave", async () => {
    rig.platform.behave("resize", (request, done) => {
      const { width } = JSON.parse(Buffer.from(request.payload).toString()) as { width: number };
      done(success({ size: width * 2 }));
    });
    await rig.deploy("photos/publish", [
      { small: { ...call("resize", { width: "${ .width }" }), output: { as: "${ .size }" } } },
      { told: { set: { size: "${ . + 1 }" } } },
    ]);
    const run = await rig.execute("photos/publish", { width: 100 });
    expect(run.ending).toMatchObject({
      status: "completed",
      output: { size: 201 },
      energy: { kind: "energy", joules: 0.25, quality: "estimated" },
    });
    expect(rig.workflows.runner.stages(run.id)).toMatchObject([
      {
        task: "/do/0/small",
        name: "small",
        kind: "invoke",
        target: "resize",
        wait: 0.0015,
        duration: 0.0125,
        clocks: "unpaced",
        startKind: "warm",
        energy: { joules: 0.25 },
      },
    ]);
    expect(rig.faults).toEqual([]);
  });

  it("tell the control plane of workflows, runs and stages, and note how stages were paced", async () => {
    rig.platform.paceFacts = {
      clocks: { core: gigahertz(1.6), uncore: gigahertz(1.4) },
      inForce: { core: gigahertz(1.8), uncore: gigahertz(1.4) },
      budget: seconds(0.5),
      slack: seconds(0.1),
      target: seconds(0.55),
      expected: undefined,
      state: "dry-run",
    };
    await rig.deploy(
      "photos/publish",
      [{ a: { set: { x: 1 } } }, { b: call("resize") }, { c: call("resize", {}) }],
      { deadline: 2, quantile: 0.9, budgets: "fit" },
    );
    const run = await rig.execute("photos/publish");
    expect(rig.platform.paced).toMatchObject([
      {
        kind: "workflow-deployed",
        workflow: "photos/publish",
        graph: { stages: [{ name: "/do/1/b" }, { name: "/do/2/c" }], edges: [[0, 1]] },
        deadline: { deadline: 2, quantile: 0.9 },
        budgets: "fit",
      },
      { kind: "run-started", run: run.id, workflow: "photos/publish", elapsed: 0 },
      { kind: "run-ended", run: run.id },
      { kind: "workflow-deployed", workflow: "photos/publish" },
    ]);
    expect(rig.platform.stages).toEqual([
      { run: run.id, stage: 0 },
      { run: run.id, stage: 1 },
    ]);
    expect(rig.workflows.runner.stages(run.id)[0]).toMatchObject({
      budget: 0.5,
      slack: 0.1,
      core: 1.8e9,
      uncore: 1.4e9,
      clocks: "dry-run",
    });
    expect(rig.workflows.catalog.find("photos/publish")).toMatchObject({
      tally: { completed: 1, faulted: 0, cancelled: 0 },
    });
    expect(rig.workflows.catalog.find("photos/publish")?.history.executionsOf("/do/1/b")).toBe(1);
  });

  it.each<[string, Answer, object]>([
    [
      "an error of the function",
      failure,
      { type: `${standard}runtime`, status: 500, title: "RangeError", detail: "too wide" },
    ],
    [
      "a timeout",
      { kind: "lost", error: { code: "function-timeout", message: "3 s" } },
      { type: `${standard}timeout`, status: 408, detail: "3 s" },
    ],
    [
      "a refusal",
      {
        kind: "refused",
        requestId: randomUUID(),
        error: { code: "overloaded", message: "full" },
        retryAfter: undefined,
      },
      { type: `${standard}communication`, status: 429, detail: "full" },
    ],
  ])("fault with %s, and may catch it", async (_what, answer, fault) => {
    rig.platform.behave("resize", (_request, done) => done(answer));
    await rig.deploy("a/faults", [{ x: call("resize") }]);
    const faulted = await rig.execute("a/faults");
    expect(faulted.ending).toMatchObject({ status: "faulted", fault: { ...fault, instance: "/do/0/x" } });
    expect(rig.workflows.runner.stages(faulted.id)).toMatchObject([{ fault }]);
    await rig.deploy("a/catches", [
      {
        t: {
          try: [{ x: call("resize") }],
          catch: { as: "problem", do: [{ y: { set: { is: "${ $problem.status }" } } }] },
        },
      },
    ]);
    expect((await rig.execute("a/catches")).ending).toMatchObject({ status: "completed" });
  });

  it("fault where the payload is too large, or the platform itself fails", async () => {
    await rig.deploy("a/large", [{ x: call("resize", { x: "${ .large }" }) }]);
    expect((await rig.execute("a/large", { large: "x".repeat(7_000_000) })).ending?.fault).toMatchObject({
      status: 413,
      instance: "/do/0/x",
    });
    rig.platform.behave("resize", () => {
      throw new Error("lost its way");
    });
    await rig.deploy("a/broken", [{ x: call("resize") }]);
    expect((await rig.execute("a/broken")).ending?.fault).toMatchObject({
      status: 500,
      detail: "lost its way",
    });
  });

  it("keep lifecycle events and those they emit, in the words of the specification", async () => {
    await rig.deploy("a/emits", [
      { e: { emit: { event: { with: { source: "https://a.b", type: "photo.ready", data: { n: 1 } } } } } },
      { x: call("resize") },
    ]);
    const run = await rig.execute("a/emits");
    const events = rig.workflows.runner.events(run.id);
    const types = events.map(({ type }) => type.replace("io.serverlessworkflow.", ""));
    expect(types[0]).toBe("workflow.started.v1");
    expect(types).toContain("photo.ready");
    expect(types.at(-1)).toBe("workflow.completed.v1");
    expect(types.filter((type) => type === "workflow.completed.v1")).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({
      specversion: "1.0",
      source: `/v1/runs/${run.id}`,
      subject: "a/emits",
      data: {
        name: `emits-${run.id}.a`,
        output: { type: "photo.ready" },
        energy: { joules: 0.25, quality: "estimated" },
      },
    });
  });

  it("listen to events from outside and from other runs", async () => {
    await rig.deploy("a/listens", [{ l: { listen: { to: { one: { with: { type: "photo.ready" } } } } } }]);
    const run = await rig.start("a/listens");
    expect((await rig.settled(run)).ending).toBeUndefined();
    rig.workflows.runner.receive({
      specversion: "1.0",
      id: "1",
      source: "/me",
      type: "photo.ready",
      data: { n: 1 },
    });
    expect((await rig.settled(run)).ending).toMatchObject({ status: "completed", output: [{ n: 1 }] });
  });

  it("wait, by the clock", async () => {
    await rig.deploy("a/waits", [{ w: { wait: { seconds: 30 } } }, { x: call("resize") }]);
    const run = await rig.start("a/waits");
    await rig.settled(run);
    rig.clock.advance(29);
    expect((await rig.settled(run)).ending).toBeUndefined();
    rig.clock.advance(1);
    expect((await rig.settled(run)).ending).toMatchObject({
      status: "completed",
      endedAt: run.startedAt + 30,
    });
  });

  it("are cancelled with their invocations, and with the runs that they wait for", async () => {
    rig.platform.behave("resize", () => undefined);
    await rig.deploy("a/child", [{ x: call("resize") }]);
    await rig.deploy("a/parent", [
      { c: { run: { workflow: { namespace: "a", name: "child", version: "0.1.0" } } } },
    ]);
    const parent = await rig.start("a/parent");
    await rig.settled(parent);
    const [child] = rig.workflows.runner.list({ limit: 1 });
    expect(child).toMatchObject({ workflow: "a/child", parent: { run: parent.id, isAwaited: true } });
    rig.workflows.runner.cancel(parent.id);
    expect((await rig.settled(parent)).ending).toMatchObject({
      status: "cancelled",
      energy: { kind: "unavailable", reason: expect.stringContaining("given up") as unknown },
    });
    expect(child && (await rig.settled(child)).ending).toMatchObject({ status: "cancelled" });
    expect(rig.platform.withdrawn).toBe(1);
  });

  it("run other workflows as steps, with their energy and their faults", async () => {
    await rig.deploy("a/child", [{ x: call("resize", { from: "${ .n }" }) }]);
    const run = { workflow: { namespace: "a", name: "child", version: "0.1.0", input: { n: "${ .m }" } } };
    await rig.deploy("a/parent", [{ c: { run } }]);
    const parent = await rig.execute("a/parent", { m: 7 });
    expect(parent.ending).toMatchObject({
      status: "completed",
      output: { from: 7 },
      energy: { joules: 0.25 },
    });
    expect(rig.workflows.runner.stages(parent.id)).toMatchObject([
      { kind: "run-workflow", target: "a/child" },
    ]);
    rig.platform.behave("resize", (_request, done) => done(failure));
    expect((await rig.execute("a/parent", { m: 7 })).ending).toMatchObject({
      status: "faulted",
      fault: { title: "RangeError" },
    });
    await rig.deploy("a/lost", [
      { c: { run: { workflow: { namespace: "a", name: "nobody", version: "1.0.0" } } } },
    ]);
    expect((await rig.execute("a/lost")).ending).toMatchObject({
      status: "faulted",
      fault: { type: `${standard}configuration`, status: 404 },
    });
  });

  it("do not wait for runs that they only start", async () => {
    await rig.deploy("a/child", [{ w: { wait: { seconds: 10 } } }]);
    const workflow = { namespace: "a", name: "child", version: "0.1.0" };
    await rig.deploy("a/starter", [{ c: { run: { workflow, await: false } } }]);
    const starter = await rig.execute("a/starter", { n: 1 });
    expect(starter.ending).toMatchObject({ status: "completed", output: { n: 1 } });
    const [child] = rig.workflows.runner.list({ limit: 1 });
    expect(child).toMatchObject({ workflow: "a/child", parent: { isAwaited: false }, ending: undefined });
    await rig.crash();
    rig.clock.advance(10);
    expect(child && (await rig.settled(child)).ending).toMatchObject({ status: "completed" });
  });

  it("are refused above the limit, also as children of themselves (N2)", async () => {
    rig.close();
    rig = new WorkflowRig({ maxRunning: 3 });
    await rig.deploy("a/self", [
      { c: { run: { workflow: { namespace: "a", name: "self", version: "0.1.0" } } } },
    ]);
    const run = await rig.execute("a/self");
    expect(run.ending).toMatchObject({
      status: "faulted",
      fault: { type: `${standard}communication`, status: 429 },
    });
    await rig.deploy("a/waits", [{ w: { wait: { seconds: 30 } } }]);
    await Promise.all([rig.start("a/waits"), rig.start("a/waits"), rig.start("a/waits")]);
    await expect(rig.start("a/waits")).rejects.toMatchObject({ code: "overloaded", status: 429 });
    await expect(rig.start("a/nobody")).rejects.toMatchObject({ code: "workflow-not-found" });
  });

  it("are not nested without an end", async () => {
    await rig.deploy("a/self", [
      { c: { run: { workflow: { namespace: "a", name: "self", version: "0.1.0" } } } },
    ]);
    const first = await rig.start("a/self");
    for (let i = 0; i < 20; i++) await rig.settled(first);
    expect((await rig.settled(first)).ending).toMatchObject({
      status: "faulted",
      fault: { type: `${standard}configuration`, detail: expect.stringContaining("nested") as unknown },
      energy: { reason: "nothing was executed that uses energy here" },
    });
    expect(rig.workflows.runner.list({ limit: 100 })).toHaveLength(33);
  });

  it("sum the energy of what was executed, also where a step was not", async () => {
    const missing = { run: { workflow: { namespace: "a", name: "nobody", version: "1.0.0" } } };
    const tried = { try: [{ c: missing }], catch: { do: [{ x: call("resize") }] } };
    await rig.deploy("a/tries", [{ t: tried }, { y: call("resize") }]);
    expect((await rig.execute("a/tries")).ending).toMatchObject({
      status: "completed",
      energy: { kind: "energy", joules: 0.5 },
    });
  });

  it("end where they would store too much or cannot be carried on, and hold up no other", async () => {
    const long = "x".repeat(12 * 2 ** 20);
    await rig.deploy("a/stores", [
      { all: { for: { in: "${ .list }" }, do: [{ s: { set: { long: "${ .long }" } } }] } },
      { never: call("resize") },
    ]);
    const list = Array.from({ length: 12 }, () => 0);
    expect((await rig.execute("a/stores", { list, long })).ending).toMatchObject({
      status: "faulted",
      fault: { status: 507 },
    });
    expect(rig.platform.invoked).toEqual([]);
    await rig.deploy("a/fine", [{ x: call("resize") }]);
    expect((await rig.execute("a/fine")).ending).toMatchObject({ status: "completed" });
    expect(rig.faults).toEqual([]);
  });

  it("keep the first of their events, and the last (B2)", async () => {
    await rig.deploy("a/loops", [
      { all: { for: { in: "${ [range(4000)] }" }, do: [{ s: { set: { x: 1 } } }] } },
    ]);
    const run = await rig.execute("a/loops");
    expect(run.ending).toMatchObject({ status: "completed" });
    const events = rig.workflows.runner.events(run.id);
    expect(events).toHaveLength(10_001);
    expect(events.at(-1)?.type).toBe("io.serverlessworkflow.workflow.completed.v1");
  });

  it("forget old runs by number", async () => {
    rig.close();
    rig = new WorkflowRig({ keepCount: 3 });
    await rig.deploy("a/sets", [{ s: { set: { x: 1 } } }]);
    for (let i = 0; i < 256; i++) await rig.start("a/sets");
    await turns(12);
    expect(rig.workflows.runner.list({ limit: 1000 }).length).toBeLessThan(10);
    expect(rig.database.prepare("SELECT count(*) AS count FROM run_events").get()).toMatchObject({
      count: expect.toSatisfy((count: number) => count < 50) as unknown,
    });
  });
});
