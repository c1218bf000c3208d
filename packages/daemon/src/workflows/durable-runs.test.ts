/**
 * What becomes of runs when the process dies (I1).
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakePlatform, success } from "../../test/fake-platform.ts";
import { WorkflowRig } from "../../test/workflow-rig.ts";
import type { Run } from "./store/run.ts";

let rig: WorkflowRig;

beforeEach(() => {
  rig = new WorkflowRig();
});
afterEach(() => {
  rig.close();
});

/** Answers every call with its own mark, so that one sees in the records which were executed. */
const marking = (platform: FakePlatform): void =>
  platform.behave("resize", ({ payload }, done) => {
    const { mark } = JSON.parse(Buffer.from(payload).toString()) as { mark: string };
    done(success({ done: mark }));
  });
const marksIn = (platform: FakePlatform): readonly string[] =>
  platform.invoked.map(
    ({ payload }) => (JSON.parse(Buffer.from(payload).toString()) as { mark: string }).mark,
  );
const call = (mark: string) => ({ call: "resize", with: { mark } });

/** Everything that keeps records: calls, branches, a loop, a wait, another run, an event. */
const tasks = [
  { first: call("first") },
  { sides: { fork: { branches: [{ left: call("left") }, { right: call("right") }] } } },
  { each: { for: { each: "n", in: "${ [1, 2] }" }, do: [{ round: call('${ "round \\($n)" }') }] } },
  { pause: { wait: { seconds: 10 } } },
  { tell: { emit: { event: { with: { source: "https://a.b", type: "told" } } } } },
  { other: { run: { workflow: { namespace: "a", name: "child", version: "0.1.0" } } } },
  { last: { ...call("last"), output: { as: "${ {last: .done} }" } } },
];

/** Lets the run go on to its end, or to the death of the process. */
async function finish(run: Run, state: { readonly hasDied: boolean }): Promise<Run> {
  for (let seconds = 0; seconds < 30; seconds++) {
    if (state.hasDied) return run;
    const now = await rig.settled(run);
    if (now.ending !== undefined) return now;
    rig.clock.advance(1);
  }
  throw new Error(`The run does not end; faults: ${rig.faults.map(String).join("; ")}`);
}

/** Marks of calls whose result is on disk. */
const recorded = (): ReadonlySet<string> =>
  new Set(
    rig.database
      .prepare("SELECT content FROM run_records")
      .all()
      .flatMap(({ content }) =>
        [...String(content).matchAll(/"done":"([^"]*)"/g)].map(([, mark = ""]) => mark),
      ),
  );

describe("durable runs", () => {
  it("go on after the process died at any commit, and execute nothing twice whose result is on disk", async () => {
    await rig.deploy("a/child", [{ inner: call("inner") }]);
    await rig.deploy("a/all", tasks);
    const alive = { hasDied: false };
    marking(rig.platform);
    const whole = await finish(await rig.start("a/all"), alive);
    expect(whole.ending).toMatchObject({ status: "completed", output: { last: "last" } });

    let deaths = 0;
    for (let commits = 1; ; commits++) {
      marking(rig.platform);
      const start = rig.start("a/all").catch(() => undefined);
      const state = rig.dieAfter(commits);
      const { runner } = rig.workflows;
      const begun = (await start) ?? runner.find(String(runner.list({ limit: 1 })[0]?.id));
      if (begun === undefined) throw new Error("a run was neither started nor written");
      await finish(begun, state);
      if (!state.hasDied) break;
      deaths++;
      const kept = recorded();
      await rig.crash(marking);
      const ended = await finish(begun, alive);
      expect(ended.ending, `after commit ${commits}`).toMatchObject({
        status: "completed",
        output: { last: "last" },
      });
      const again = marksIn(rig.platform);
      expect(
        again.filter((mark) => kept.has(mark)),
        `after commit ${commits}`,
      ).toEqual([]);
      expect(new Set(again).size, `after commit ${commits}`).toBe(again.length);
      expect(recorded().size).toBe(0);
    }
    expect(deaths).toBeGreaterThan(10);
  });

  it("start one run for one step, also when the step is executed again (N3)", async () => {
    await rig.deploy("a/child", [{ w: { wait: { seconds: 10 } } }]);
    await rig.deploy("a/parent", [
      { c: { run: { workflow: { namespace: "a", name: "child", version: "0.1.0" } } } },
    ]);
    const parent = await rig.start("a/parent");
    await rig.settled(parent);
    for (let i = 0; i < 3; i++) {
      await rig.crash();
      await rig.settled(parent);
    }
    rig.clock.advance(10);
    expect((await rig.settled(parent)).ending?.status).toBe("completed");
    expect(rig.workflows.runner.list({ limit: 10 })).toHaveLength(2);
  });

  it("go on by the definition that they were started with, and are then not paced", async () => {
    await rig.deploy("a/changing", [{ w: { wait: { seconds: 10 } } }, { x: call("old") }], { deadline: 20 });
    const run = await rig.start("a/changing");
    await rig.settled(run);
    await rig.deploy("a/changing", [{ x: call("new") }], { deadline: 20 });
    await rig.crash(marking);
    rig.clock.advance(10);
    expect((await rig.settled(run)).ending).toMatchObject({ status: "completed", output: { done: "old" } });
    expect(rig.platform.stages).toEqual([undefined]);
    expect(rig.platform.paced.map(({ kind }) => kind)).not.toContain("run-started");
  });

  it("tell the control plane how much of their time has passed", async () => {
    await rig.deploy("a/late", [{ w: { wait: { seconds: 10 } } }, { x: call("x") }], { deadline: 20 });
    const run = await rig.start("a/late");
    await rig.settled(run);
    rig.clock.advance(4);
    await rig.crash();
    expect(rig.platform.paced).toContainEqual({
      kind: "run-started",
      run: run.id,
      workflow: "a/late",
      elapsed: 4,
    });
  });
});

describe("runs that are not durable", () => {
  it("write no records, and are faulted where the process died", async () => {
    await rig.deploy("a/quick", [{ x: call("x") }, { w: { wait: { seconds: 10 } } }], { durable: false });
    const run = await rig.start("a/quick");
    await rig.settled(run);
    expect(rig.database.prepare("SELECT count(*) AS count FROM run_records").get()).toEqual({ count: 0 });
    await rig.crash();
    expect((await rig.settled(run)).ending).toMatchObject({
      status: "faulted",
      fault: { title: "Interrupted", status: 500 },
    });
    expect(rig.workflows.catalog.find("a/quick")?.tally).toEqual({ completed: 0, faulted: 1, cancelled: 0 });
  });

  it("are started anew where a durable run waits for one, and take down what they wait for", async () => {
    await rig.deploy("a/quick", [{ w: { wait: { seconds: 10 } } }], { durable: false });
    await rig.deploy("a/slow", [{ w: { wait: { seconds: 10 } } }]);
    const waitFor = (name: string) => [
      { c: { run: { workflow: { namespace: "a", name, version: "0.1.0" } } } },
    ];
    await rig.deploy("a/durable", waitFor("quick"));
    await rig.deploy("a/not-durable", waitFor("slow"), { durable: false });
    const [durable, other] = [await rig.start("a/durable"), await rig.start("a/not-durable")];
    await rig.settled(other);
    await rig.crash();
    await rig.settled(durable);
    rig.clock.advance(10);
    expect((await rig.settled(durable)).ending).toMatchObject({ status: "completed" });
    expect((await rig.settled(other)).ending).toMatchObject({ status: "faulted" });
    expect(
      rig.workflows.runner.list({ limit: 10 }).map(({ workflow, ending }) => [workflow, ending?.status]),
    ).toEqual([
      ["a/quick", "completed"],
      ["a/slow", "cancelled"],
      ["a/quick", "faulted"],
      ["a/not-durable", "faulted"],
      ["a/durable", "completed"],
    ]);
  });
});

describe("a full disk", () => {
  it("refuses starts, holds up running runs, and loses nothing", async () => {
    marking(rig.platform);
    const answers: (() => void)[] = [];
    rig.platform.behave("resize", (_request, done) =>
      answers.push(() => done(success({ done: "x".repeat(200_000) }))),
    );
    await rig.deploy("a/one", [{ x: call("x") }, { y: call("y") }]);
    const run = await rig.start("a/one");
    await rig.settled(run);
    const pages = Number(rig.database.prepare("PRAGMA page_count").get()?.["page_count"]);
    rig.database.exec(`PRAGMA max_page_count = ${pages}`);
    answers.shift()?.();
    await rig.settled(run);
    expect(answers).toEqual([]);
    const refused = expect(rig.start("a/one", { large: "x".repeat(200_000) })).rejects.toMatchObject({
      code: "storage-failed",
      status: 507,
    });
    await rig.settled(run);
    rig.clock.advance(1);
    await refused;
    rig.database.exec("PRAGMA max_page_count = 1000000");
    rig.clock.advance(1);
    await rig.settled(run);
    expect(answers).toHaveLength(1);
    answers.shift()?.();
    expect((await rig.settled(run)).ending?.status).toBe("completed");
    expect(rig.workflows.runner.running).toBe(0);
  });
});

describe("shutting down", () => {
  it("begins nothing more, keeps what ends, and goes on at the next start", async () => {
    const answers: (() => void)[] = [];
    rig.platform.behave("resize", (_request, done) => answers.push(() => done(success({ done: "x" }))));
    await rig.deploy("a/two", [{ x: call("x") }, { y: call("y") }]);
    const run = await rig.start("a/two");
    await rig.settled(run);
    rig.workflows.stop();
    await expect(rig.start("a/two")).rejects.toMatchObject({ code: "shutting-down" });
    answers.shift()?.();
    await rig.settled(run);
    expect(answers).toEqual([]);
    rig.workflows.close();
    await rig.crash(marking);
    expect((await rig.settled(run)).ending).toMatchObject({ status: "completed" });
    expect(marksIn(rig.platform)).toEqual(["y"]);
  });
});
