import { describe, expect, it } from "vitest";
import {
  failure,
  FlowShell,
  never,
  type ShellOptions,
  success,
  workflow,
} from "../../../../test/flow/flow-shell.ts";
import type { Json } from "../../../index.ts";

const unavailable = {
  type: "https://serverlessworkflow.io/spec/1.0.0/errors/communication",
  status: 503,
  title: "Unavailable",
};

/** A try task around one call, with `caught` as its catch. */
const attempt = (caught: Json, options: ShellOptions = {}, use: Json = {}): FlowShell => {
  const shell = new FlowShell(options);
  shell.execute(
    workflow([{ safe: { try: [{ get: { call: "get" } }], catch: caught } }, { after: { set: "${ . }" } }], {
      use,
    }),
    { n: 1 },
  );
  return shell;
};

/** Fails so many times, then succeeds. */
const failing = (times: number): ShellOptions => ({
  answer: (_, count) => (count <= times ? failure(unavailable) : success("ok")),
});

describe("catching", () => {
  const handler = [{ note: { set: { error: "${ $err }", input: "${ .n }" } } }];

  it("handles a fault with the properties that are named, told by its name", () => {
    const shell = attempt({ errors: { with: { status: 503 } }, as: "err", do: handler }, failing(1));
    expect(shell.output).toEqual({ error: { ...unavailable, instance: "/do/0/safe/try/0/get" }, input: 1 });
  });

  it("takes the types of drafts of the DSL for the same", () => {
    const type = "https://serverlessworkflow.io/dsl/errors/types/communication";
    expect(attempt({ errors: { with: { type } }, as: "err", do: handler }, failing(1)).output).toMatchObject({
      input: 1,
    });
  });

  it.each([
    { errors: { with: { status: 404 } } },
    { when: "$error.status == 404" },
    { exceptWhen: "$error.status == 503" },
  ])("passes on what it does not mean: %j", (caught) => {
    expect(attempt(caught, failing(1)).fault).toMatchObject({ status: 503 });
  });

  it("completes with its input where nothing handles the fault", () => {
    expect(attempt({}, failing(1)).output).toEqual({ n: 1 });
  });

  it("passes on what its handler raises", () => {
    const raise = [{ again: { raise: { error: { type: "urn:again", status: 500 } } } }];
    expect(attempt({ do: raise }, failing(1)).fault).toMatchObject({
      type: "urn:again",
      instance: "/do/0/safe/catch/do/0/again",
    });
  });
});

describe("retrying", () => {
  it.each([
    ["constant", { backoff: { constant: {} } }, [1, 4, 7, 10]],
    ["linear", { backoff: { linear: {} } }, [1, 4, 9, 16]],
    ["exponential", { backoff: { exponential: {} } }, [1, 4, 9, 18]],
  ])("waits between attempts: %s", (_, policy, ends) => {
    const shell = attempt({ retry: { delay: "PT2S", ...policy } }, failing(3));
    expect(shell.output).toBe("ok");
    expect(shell.steps).toHaveLength(4);
    // Every attempt takes a second.
    expect(shell.endedAt).toBe(ends.at(-1));
  });

  it("stops after as many retries as are allowed, and handles the fault or passes it on", () => {
    const retry = { delay: { seconds: 1 }, limit: { attempt: { count: 2 } } };
    const passed = attempt({ retry }, failing(9));
    expect(passed.fault).toMatchObject({ status: 503 });
    expect(passed.steps).toHaveLength(3);
    expect(attempt({ retry, do: [{ a: { set: "handled" } }] }, failing(9)).output).toBe("handled");
  });

  it("stops where the time for it is over, or the policy does not mean the fault", () => {
    const limited = attempt({ retry: { delay: "PT4S", limit: { duration: "PT8S" } } }, failing(9));
    expect(limited.steps).toHaveLength(2);
    expect(attempt({ retry: { when: "$error.status == 500" } }, failing(9)).steps).toHaveLength(1);
  });

  it("limits the time of an attempt", () => {
    const options: ShellOptions = { answer: (_, count) => (count === 1 ? never : success("ok")) };
    const shell = attempt({ retry: { delay: "PT1S", limit: { attempt: { duration: "PT3S" } } } }, options);
    expect(shell.output).toBe("ok");
    expect(shell.endedAt).toBe(5);
  });

  it("draws jitter between its bounds, by a policy with a name", () => {
    const use = { retries: { soon: { jitter: { from: "PT1S", to: "PT2S" } } } };
    const shell = attempt({ retry: "soon" }, failing(1), use);
    expect(shell.endedAt).toBeGreaterThan(3);
    expect(shell.endedAt).toBeLessThan(4);
    expect(shell.notes).toContainEqual({ of: "task", status: "retried", task: "/do/0/safe" });
  });
});
