import {
  cores,
  functionName,
  gigahertz,
  type MachineClocks,
  payloadSize,
  ratio,
  runId,
  seconds,
  seededRandom,
  stageKey,
  type WorkflowGraph,
  workflowName,
} from "@frugal/core";
import { describe, expect, it } from "vitest";
import { demand, machine } from "../../test/shell-with.ts";
import { SimpleModel } from "../../test/simple-model.ts";
import { VirtualShell } from "../../test/virtual-shell.ts";
import type { PacePolicyName } from "./policy/index.ts";

const coreSteps = [1.2, 1.4, 1.6, 1.8, 2, 2.2, 2.5].map(gigahertz);
const uncoreSteps = [1.2, 1.6, 2, 2.4, 2.9].map(gigahertz);
const clocks: MachineClocks = {
  core: [0, 1].map((cpu) => ({ id: cpu, cpus: [cpu], socket: 0, steps: coreSteps })),
  uncore: [{ id: 0, cpus: [0, 1], socket: 0, steps: uncoreSteps }],
};

const first = functionName("first");
const second = functionName("second");
const chain: WorkflowGraph = {
  stages: [first, second].map((fn, index) => ({
    name: `/do/${index}/${fn}`,
    function: fn,
    latency: undefined,
    repeats: 1,
    visits: 1,
  })),
  edges: [[0, 1]],
};
const workflow = workflowName("default/chain");
const run = runId("run");

interface World {
  readonly shell: VirtualShell;
  readonly model: SimpleModel;
}

function world(policy: PacePolicyName = "frugal", deadline?: number): World {
  const model = new SimpleModel({ core: coreSteps, uncore: uncoreSteps });
  const shell = new VirtualShell(
    {
      keepAlive: "fixed",
      keepAliveOptions: { keepForSeconds: 100 },
      maxWaiting: 100,
      pace: { policy, modelOf: () => model },
    },
    [machine({ clocks, pinning: true })],
    {
      startTime: () => 0.2,
      serviceTime: () => 1.2,
      failures: 0,
      template: () => ({ time: 1, offers: [] }),
    },
    seededRandom(1),
  );
  for (const fn of [first, second])
    shell.deploy(demand(fn, { deadline: deadline === undefined ? undefined : seconds(deadline) }));
  return { shell, model };
}

describe("Pace", () => {
  it("runs what nobody asked a deadline for at the highest clocks, and rests at the lowest", () => {
    const { shell } = world();
    shell.arriveAt(1, first);
    shell.run(0.5);
    expect(shell.clockOf("core", 0)).toBe(coreSteps[0]);
    expect(shell.clockOf("uncore", 0)).toBe(uncoreSteps[0]);
    shell.run(1.1);
    expect(shell.clockOf("core", 0)).toBe(coreSteps.at(-1));
    expect(shell.clockOf("core", 1)).toBe(coreSteps[0]);
    shell.run(5);
    expect(shell.clockOf("core", 0)).toBe(coreSteps[0]);
    expect(shell.clockOf("uncore", 0)).toBe(uncoreSteps[0]);
  });

  it("chooses for a function's own deadline the setting of least energy that is expected to be in time", () => {
    const { shell, model } = world("frugal", 1.5);
    model.know(first);
    shell.arriveAt(1, first);
    shell.run(1.3);
    const pace = [...shell.invocations.values()][0]?.pace;
    expect(pace?.budget).toBe(1.5);
    // It waited for a start.
    expect(pace?.slack).toBeCloseTo(-0.2);
    expect(pace?.target).toBeCloseTo(1.3);
    expect(pace?.expected?.latency).toBeLessThanOrEqual(1.3);
    expect(pace?.clocks.core).toBeLessThan(coreSteps.at(-1) ?? 0);
    expect(shell.clockOf("core", 0)).toBe(pace?.clocks.core);
  });

  it("divides a workflow's deadline, and gives a late stage higher clocks", () => {
    const paces = [0, 0.6].map((delay) => {
      const { shell, model } = world();
      model.know(first);
      model.know(second);
      shell.send({
        kind: "workflow-deployed",
        workflow,
        graph: chain,
        deadline: { deadline: seconds(3), quantile: ratio(0.95) },
        budgets: undefined,
      });
      shell.send({ kind: "run-started", run, workflow, elapsed: seconds(0) });
      shell.arriveAt(delay, first, undefined, { stage: { run, stage: 0 } });
      shell.arriveAt(1.7 + delay, second, undefined, { stage: { run, stage: 1 } });
      shell.run(10);
      return [...shell.invocations.values()].map(({ pace }) => pace);
    });
    const [inTime, late] = paces;
    const sum = (inTime?.[0]?.budget ?? NaN) + (inTime?.[1]?.budget ?? NaN);
    expect(sum).toBeLessThanOrEqual(3);
    expect(sum).toBeGreaterThan(2);
    expect(late?.[1]?.slack).toBeLessThan(0);
    expect(late?.[1]?.clocks.core ?? 0).toBeGreaterThan(inTime?.[1]?.clocks.core ?? 0);
  });

  it("explains a plan, and says of what it knows nothing", () => {
    const { shell, model } = world();
    const deadline = { deadline: seconds(3), quantile: ratio(0.95) };
    expect(shell.control.plan(chain, deadline)?.fit).toEqual({
      kind: "unknown",
      stages: ["/do/0/first", "/do/1/second"],
    });
    model.know(first);
    model.know(second);
    const plan = shell.control.plan(chain, deadline);
    if (plan?.fit.kind !== "budgets" || plan.leastEnergy.kind !== "budgets") throw new Error("no budgets");
    expect(plan.leastEnergy.energy).toBeLessThanOrEqual(plan.fit.energy);
    const tight = shell.control.plan(chain, { ...deadline, deadline: seconds(1.9) });
    expect(tight?.leastEnergy).toEqual({ kind: "infeasible", smallest: 2 });
  });

  it("learns from executions with the clocks that they ran at, and without them in a dry run", () => {
    const { shell, model } = world("frugal");
    shell.arriveAt(1, first);
    shell.run(5);
    expect(model.observations).toMatchObject([
      { key: first, payload: 0, clocks: { core: coreSteps.at(-1), uncore: uncoreSteps.at(-1) } },
    ]);
    expect(model.observations[0]?.latency).toBeCloseTo(1.2);
  });

  it("goes by the size and the variant of an invocation's work, of a workflow's stage too", () => {
    const { shell, model } = world("frugal", 1.5);
    const [known, unknown] = ["level=1", "level=9"].map((variant) => ({
      variant,
      payload: payloadSize(400),
    }));
    model.know(stageKey(first, "level=1"));
    shell.arriveAt(1, first, undefined, known);
    shell.arriveAt(5, first, undefined, unknown);
    shell.arriveAt(9, first, undefined, { ...unknown, stage: { run, stage: 0 } });
    shell.run(20);
    const paces = [...shell.invocations.values()].map(({ pace }) => pace?.expected?.latency);
    expect(paces).toEqual([expect.any(Number), undefined, undefined]);
    expect(model.observations.map(({ key, payload }) => [key, payload])).toEqual([
      ["first?level=1", 400],
      ["first?level=9", 400],
      ["first?level=9", 400],
    ]);
  });

  it("forgets a function whose code has changed", () => {
    const { shell, model } = world();
    model.know(first);
    model.know(stageKey(first, "level=9"));
    shell.deploy(demand(first, { revision: 2 }));
    expect(model.typical(first)).toBeUndefined();
  });

  it("sets core clocks by load under a governor, and leaves the uncore alone", () => {
    const { shell } = world("ondemand");
    shell.run(1);
    expect(shell.clockOf("core", 0)).toBeDefined();
    expect(shell.clockOf("uncore", 0)).toBeUndefined();
  });

  it("leaves machines alone whose clocks cannot be set", () => {
    const model = new SimpleModel({ core: coreSteps, uncore: uncoreSteps });
    const shell = new VirtualShell(
      { keepAlive: "fixed", maxWaiting: 100, pace: { policy: "frugal", modelOf: () => model } },
      [machine({ cores: cores(2) })],
      { startTime: () => 0.2, serviceTime: () => 1, failures: 0, template: () => ({ time: 1, offers: [] }) },
      seededRandom(1),
    );
    shell.deploy(demand("first"));
    shell.arriveAt(1, first);
    shell.run(3);
    expect([...shell.invocations.values()]).toMatchObject([{ outcome: "finished", pace: undefined }]);
  });
});
