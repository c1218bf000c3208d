import { describe, expect, it } from "vitest";
import { FlowShell, run, success, workflow } from "../../../../test/flow/flow-shell.ts";

describe("calls", () => {
  it("invokes a function of the platform with the arguments, or the task's input", () => {
    const shell = run([{ a: { call: "resize", with: { width: "${ .w }" } } }, { b: { call: "encode" } }], {
      w: 7,
    });
    expect(shell.steps).toMatchObject([
      { kind: "invoke", function: "resize", payload: { width: 7 }, task: "/do/0/a", execution: "/do/0/a" },
      { kind: "invoke", function: "encode", payload: { width: 7 } },
    ]);
    expect(shell.output).toEqual({ width: 7 });
  });

  it("performs a function of the workflow in the place of the call", () => {
    const definition = workflow([{ a: { call: "double", with: { n: "${ .n }" } } }], {
      use: { functions: { double: { call: "adder", with: { one: "${ .n }", two: "${ .n }" } } } },
    });
    const shell = new FlowShell();
    shell.execute(definition, { n: 2 });
    expect(shell.steps).toMatchObject([
      { task: "/do/0/a", execution: "/do/0/a#c1", payload: { one: 2, two: 2 } },
    ]);
    expect(shell.notes.filter((note) => note.of === "task" && note.status === "started")).toHaveLength(1);
  });

  it("faults where functions call each other without an end", () => {
    const shell = new FlowShell();
    shell.execute(workflow([{ a: { call: "f" } }], { use: { functions: { f: { call: "f" } } } }));
    expect(shell.fault.detail).toContain("nested deeper");
  });

  it("evaluates an HTTP request", () => {
    const shell = run(
      [
        {
          get: {
            call: "http",
            with: {
              method: "post",
              endpoint: {
                uri: "https://pets.example/{kind}/{id}?a=1#top",
                authentication: { basic: { username: "${ .user }", password: "pä" } },
              },
              headers: { accept: "text/plain", "x-n": "${ .id }" },
              query: { tag: ["a b", "ü"], none: "${ .nothing }" },
              body: { name: "${ .kind }" },
              output: "response",
            },
          },
        },
      ],
      { kind: "big dogs", id: 5, user: "ada" },
    );
    expect(shell.steps).toMatchObject([
      {
        kind: "call-http",
        call: {
          method: "POST",
          url: "https://pets.example/big%20dogs/5?a=1&tag=a%20b&tag=%C3%BC#top",
          headers: { accept: "text/plain", "x-n": "5", authorization: "Basic YWRhOnDDpA==" },
          body: { name: "big dogs" },
          output: "response",
          redirect: false,
        },
      },
    ]);
  });

  it("runs other workflows, and waits for them unless told otherwise", () => {
    const other = { namespace: "test", name: "other", version: "latest", input: { n: "${ .n }" } };
    const shell = run(
      [{ a: { run: { workflow: other } } }, { b: { run: { workflow: other, await: false } } }],
      { n: 1 },
      { answer: (step) => success(step.kind === "run-workflow" && step.wait ? { n: 2 } : "started") },
    );
    expect(shell.steps).toMatchObject([
      {
        kind: "run-workflow",
        workflow: { namespace: "test", name: "other", version: undefined },
        input: { n: 1 },
      },
      { input: { n: 2 }, wait: false },
    ]);
    expect(shell.output).toEqual({ n: 2 });
  });
});
