import { seconds } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { failure, FlowShell, never, run, success, workflow } from "../../test/flow/flow-shell.ts";
import { type Json, usualFlowLimits } from "../index.ts";

describe("lists and flow directives", () => {
  it("performs tasks in order, each on the output of the one before", () => {
    const shell = run(
      ["red", "green", "blue"].map((colour) => ({
        [colour]: { set: { colors: `\${ .colors + ["${colour}"] }` } },
      })),
    );
    expect(shell.output).toEqual({ colors: ["red", "green", "blue"] });
  });

  it("follows then by name, also to tasks before", () => {
    const add = (colour: string, then: string): Json => ({
      set: { colors: `\${ .colors + ["${colour}"] }` },
      then,
    });
    const shell = run([
      { red: add("red", "green") },
      { blue: add("blue", "end") },
      { green: add("green", "blue") },
    ]);
    expect(shell.output).toEqual({ colors: ["red", "green", "blue"] });
  });

  it("leaves the list at exit and the workflow at end", () => {
    const shell = run([
      {
        inner: {
          do: [{ a: { set: { a: 1 }, then: "exit" } }, { never: { set: { never: true } } }],
          output: { as: "{ inner: . }" },
        },
      },
      {
        last: {
          do: [{ z: { set: "${ . + { last: true } }", then: "end" } }],
          output: { as: "{ skipped: true }" },
        },
      },
      { never: { set: { never: true } } },
    ]);
    expect(shell.output).toEqual({ inner: { a: 1 }, last: true });
  });

  it("faults where then names nothing beside the task", () => {
    const shell = run([{ a: { set: {}, then: "nowhere" } }, { b: { set: {} } }]);
    expect(shell.fault).toMatchObject({ status: 400, instance: "/do/0/a" });
    expect(shell.fault.detail).toContain("there are a, b");
  });

  it("ends a run that goes round in circles, and lets others go first meanwhile", () => {
    const shell = run([{ a: { set: {}, then: "a" } }], {}, { limits: { tasks: 5000, tasksPerTurn: 100 } });
    expect(shell.fault).toMatchObject({ status: 500 });
    expect(shell.commands.filter(({ kind }) => kind === "set-timer").length).toBeGreaterThan(40);
  });

  it("lets others go first when a turn takes long, where the shell tells the time", () => {
    const tasks = Array.from({ length: 10 }, (_, i) => ({ [`t${i}`]: { set: { i } } }));
    /** When the run ends whose turns all seem to have taken this long before they did anything. */
    const endOf = (taken: number): number | undefined => {
      const shell: FlowShell = new FlowShell({ timeInTurn: () => seconds(shell.now + taken) });
      shell.execute(workflow(tasks));
      return shell.endedAt;
    };
    const { turn } = usualFlowLimits;
    expect(endOf(turn)).toBe(0);
    expect(endOf(2 * turn)).toBeCloseTo(10 * 2.5 * turn, 9);
  });

  it("ends where the shell cannot carry it on, whatever it would catch", () => {
    const shell = new FlowShell({ answer: () => never });
    const fault = { type: "urn:lost", status: 500 };
    shell.send({ kind: "run-failed", run: shell.run, fault }, 3);
    shell.execute(workflow([{ t: { try: [{ a: { call: "x" } }], catch: { do: [{ b: { set: {} } }] } } }]));
    expect(shell.fault).toEqual(fault);
    expect(shell.endedAt).toBe(3);
    expect(shell.withdrawn).toHaveLength(1);
  });
});

describe("data", () => {
  it("is not handed on where it is larger or deeper than the bounds", () => {
    const twice = { twice: { set: { a: "${ . }", b: "${ . }" } } };
    const list = Array.from({ length: 60 }, () => 0);
    const larger = run(
      [{ all: { for: { in: "${ .list }" }, do: [twice] } }],
      { list },
      { limits: { dataSize: 10_000 } },
    );
    expect(larger.fault).toMatchObject({ status: 500, title: "Runtime error" });
    expect(larger.fault.detail).toContain("more than 10000 characters");
    const deeper = run([{ a: { set: { a: { b: { c: {} } } } } }], {}, { limits: { dataDepth: 2 } });
    expect(deeper.fault.detail).toContain("nested deeper than 2 levels");
    const echoed = run(
      [{ a: { call: "echo", with: { text: "${ .text }" } } }],
      { text: "12345" },
      { limits: { dataSize: 15 } },
    );
    expect(echoed.fault.instance).toBe("/do/0/a");
    expect(echoed.steps).toEqual([]);
  });

  it("transforms input and output, and exports to the context", () => {
    const definition = workflow(
      [
        {
          a: {
            input: { from: ".user" },
            set: { name: "${ .name }", raw: "${ $task.input.user.name }" },
            output: { as: "{ named: .name, from: $input.name, raw: .raw }" },
            export: { as: "$context + { kept: $output.named }" },
          },
        },
        { b: { set: { seen: "${ $context.kept }", all: "${ $context.x }" } } },
      ],
      { input: { from: ". + { x: 1 }" }, output: { as: "{ result: ., context: $context.kept }" } },
    );
    const shell = new FlowShell();
    shell.execute(definition, { user: { name: "Ada" } });
    expect(shell.output).toEqual({ result: { seen: "Ada", all: 1 }, context: "Ada" });
  });

  it("skips a task whose condition does not hold, and goes on with the next", () => {
    const shell = run(
      [{ a: { if: ".x > 1", set: { a: true }, then: "end" } }, { b: { set: "${ . + { b: true } }" } }],
      { x: 1 },
    );
    expect(shell.output).toEqual({ x: 1, b: true });
  });

  it("evaluates expressions inside texts, and leaves texts without alone", () => {
    const shell = run([{ a: { set: { text: "Hello ${ .name }, ${ .n + 1 }!", plain: ".name" } } }], {
      name: "Ada",
      n: 1,
    });
    expect(shell.output).toEqual({ text: "Hello Ada, 2!", plain: ".name" });
  });

  it("tells tasks of the workflow, the run and the runtime", () => {
    const shell = run([
      {
        a: {
          set: {
            id: "${ $workflow.id }",
            at: "${ $workflow.startedAt.iso8601 }",
            task: "${ $task.reference }",
            by: "${ $runtime.name }",
          },
        },
      },
    ]);
    expect(shell.output).toEqual({
      id: shell.run,
      at: "1970-01-12T13:46:40.000Z",
      task: "/do/0/a",
      by: "frugal",
    });
  });

  it("faults with the place where an expression fails", () => {
    const shell = run([{ a: { do: [{ b: { set: { x: "${ $nobody }" } } }] } }]);
    expect(shell.fault).toMatchObject({
      type: "https://serverlessworkflow.io/spec/1.0.0/errors/expression",
      status: 400,
      instance: "/do/0/a/do/0/b",
    });
  });

  it("validates by schemas where the shell can", () => {
    const schemas = { problemOf: (schema: Json, value: Json) => (value === schema ? undefined : "not it") };
    const shell = new FlowShell({ schemas });
    shell.execute(
      workflow([{ a: { input: { schema: { format: "json", document: "other" } }, set: {} } }]),
      "this",
    );
    expect(shell.fault).toMatchObject({
      type: "https://serverlessworkflow.io/spec/1.0.0/errors/validation",
      instance: "/do/0/a",
    });
  });
});

describe("switch, raise, for and fork", () => {
  it.each([
    ["red", { set: "red" }],
    ["yellow", { set: "other" }],
  ])("chooses the case that holds, else the one without a condition: %s", (color, output) => {
    const shell = run(
      [
        {
          choose: {
            switch: [{ other: { then: "other" } }, { red: { when: '.color == "red"', then: "red" } }],
          },
        },
        { red: { set: { set: "red" }, then: "end" } },
        { other: { set: { set: "other" } } },
      ],
      { color },
    );
    expect(shell.output).toEqual(output);
  });

  it("goes on by its own then where no case holds", () => {
    const shell = run(
      [
        { choose: { switch: [{ red: { when: '.color == "red"', then: "red" } }], then: "end" } },
        { red: { set: {} } },
      ],
      { color: "blue" },
    );
    expect(shell.output).toEqual({ color: "blue" });
  });

  it("raises errors in place and by name, from where they are raised", () => {
    const definition = workflow([{ a: { raise: { error: "broken" } } }], {
      use: {
        errors: {
          broken: { type: "urn:broken", status: 418, title: "${ .why }", detail: "x", instance: "/y" },
        },
      },
    });
    const shell = new FlowShell();
    shell.execute(definition, { why: "because" });
    expect(shell.fault).toEqual({
      type: "urn:broken",
      status: 418,
      title: "because",
      detail: "x",
      instance: "/do/0/a",
    });
  });

  it("loops over a list, passing each output on, while the condition holds", () => {
    const mark = { set: { seen: "${ { list: .seen.list + [{ color: $color, at: $i }], count: $i + 1 } }" } };
    const loop = { for: { each: "color", in: ".colors", at: "i" }, while: ".seen.count < 2", do: [{ mark }] };
    const shell = run([{ loop }], { colors: ["red", "green", "blue"], seen: { list: [], count: 0 } });
    const list = [
      { color: "red", at: 0 },
      { color: "green", at: 1 },
    ];
    expect(shell.output).toEqual({ seen: { list, count: 2 } });
  });

  it("faults where what it loops over is no list", () => {
    expect(run([{ loop: { for: { in: ".x" }, do: [] } }]).fault.detail).toContain("no list");
  });

  it("performs branches side by side, and lists their outputs in their order", () => {
    const shell = run(
      [{ both: { fork: { branches: [{ slow: { call: "slow" } }, { quick: { call: "quick" } }] } } }],
      {},
      {
        answer: (step) =>
          step.kind === "invoke" && step.function === "slow" ? success("s", 5) : success("q", 1),
      },
    );
    expect(shell.output).toEqual(["s", "q"]);
    expect(shell.endedAt).toBe(5);
  });

  it("takes the first of competing branches, and withdraws the others", () => {
    const shell = run(
      [
        {
          race: {
            fork: {
              compete: true,
              branches: [{ slow: { do: [{ s: { call: "slow" } }] } }, { quick: { call: "quick" } }],
            },
          },
        },
      ],
      {},
      { answer: (step) => (step.task.includes("quick") ? success("q", 1) : success("s", 5)) },
    );
    expect(shell.output).toBe("q");
    expect(shell.endedAt).toBe(1);
    expect(shell.withdrawn).toHaveLength(1);
    expect(shell.notes).toContainEqual({
      of: "task",
      status: "cancelled",
      task: "/do/0/race/fork/branches/0/slow/do/0/s",
    });
  });

  it("never gives out a step that is withdrawn in the same turn", () => {
    const shell = run([
      { race: { fork: { compete: true, branches: [{ slow: { call: "slow" } }, { now: { set: "now" } }] } } },
    ]);
    expect(shell.output).toBe("now");
    expect(shell.steps).toEqual([]);
    expect(shell.withdrawn).toEqual([]);
  });

  it("faults a fork with the first branch that faults", () => {
    const shell = run([
      {
        both: {
          fork: {
            branches: [
              { waits: { wait: "PT1H" } },
              { fails: { raise: { error: { type: "urn:x", status: 400 } } } },
            ],
          },
        },
      },
    ]);
    expect(shell.fault.instance).toBe("/do/0/both/fork/branches/1/fails");
    expect(shell.endedAt).toBe(0);
  });
});

describe("time", () => {
  it.each(["PT1M30S", { minutes: 1, seconds: 30 }, "${ .duration }"])("waits %j", (wait) => {
    const shell = run([{ a: { wait } }], { duration: "PT90S" });
    expect(shell.endedAt).toBe(90);
    expect(shell.output).toEqual({ duration: "PT90S" });
  });

  it("times tasks out, by duration or name, and withdraws what they wait for", () => {
    const definition = workflow([{ a: { do: [{ b: { call: "hangs" } }], timeout: "short" } }], {
      use: { timeouts: { short: { after: "PT2S" } } },
    });
    const shell = new FlowShell({ answer: () => never });
    shell.execute(definition);
    expect(shell.fault).toMatchObject({
      type: "https://serverlessworkflow.io/spec/1.0.0/errors/timeout",
      status: 408,
      instance: "/do/0/a",
    });
    expect(shell.endedAt).toBe(2);
    expect(shell.withdrawn).toHaveLength(1);
  });

  it("times the workflow out", () => {
    const shell = new FlowShell();
    shell.execute(workflow([{ a: { wait: { hours: 1 } } }], { timeout: { after: { seconds: 3 } } }));
    expect(shell.fault.status).toBe(408);
    expect(shell.endedAt).toBe(3);
  });
});

describe("cancelling", () => {
  it("ends the run at once, and withdraws what is under way (F1)", () => {
    const shell = new FlowShell({ answer: () => never });
    shell.send({ kind: "run-cancelled", run: shell.run }, 3);
    shell.execute(workflow([{ a: { fork: { branches: [{ b: { call: "f" } }, { c: { wait: "PT1H" } }] } } }]));
    expect(shell.end).toEqual({ kind: "cancelled" });
    expect(shell.withdrawn).toHaveLength(1);
    expect(shell.endedAt).toBe(3);
    shell.send({ kind: "run-cancelled", run: shell.run });
    shell.proceed();
  });
});

it("tells of every task and of the run", () => {
  const shell = run([{ a: { call: "f" } }], {}, { answer: () => failure({ type: "urn:x", status: 503 }) });
  expect(shell.notes.map(({ of, status }) => `${of} ${status}`)).toEqual([
    "workflow started",
    "task created",
    "task started",
    "task faulted",
    "workflow faulted",
  ]);
});
