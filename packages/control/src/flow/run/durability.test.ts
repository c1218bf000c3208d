import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerOf, anyWorkflow } from "../../../test/flow/any-workflow.ts";
import {
  FlowShell,
  type Remains,
  type ShellOptions,
  success,
  workflow,
} from "../../../test/flow/flow-shell.ts";
import type { WorkflowDefinition } from "../../index.ts";
import { textIn } from "../data/json-value.ts";

const options: ShellOptions = { answer: answerOf };

/** The context holds what branches did last, so outputs that show it depend on time: only its presence may matter. */
const input = { words: "x" };

const uninterrupted = (definition: WorkflowDefinition): FlowShell => {
  const shell = new FlowShell(options);
  shell.execute(definition, input);
  return shell;
};

/** Time from a death to the next life. */
const outage = 0.25;

/** Lives of a run that dies after so many commands each, and then one more to its end. */
function lives(
  definition: WorkflowDefinition,
  deaths: readonly number[],
  commitsFirst = false,
): readonly FlowShell[] {
  const shells: FlowShell[] = [];
  let remains: Remains | undefined;
  for (const life of [...deaths, Infinity]) {
    const shell = new FlowShell({ ...options, commitsFirst }, remains, life);
    shell.execute(definition, input);
    shells.push(shell);
    if (shell.end !== undefined) break;
    remains = { ...shell.remains, elapsed: shell.now + outage };
  }
  return shells;
}

/** Every event that the records know to be out is out, and always the same. */
function expectEmitted(shells: readonly FlowShell[]): void {
  const emitted = new Map(shells.flatMap((shell) => shell.emitted.map((event) => [event.id, event])));
  for (const shell of shells) for (const event of shell.emitted) expect(event).toEqual(emitted.get(event.id));
  const records = shells.at(-1)?.records ?? [];
  const contents = new Map(
    records.map(({ key, content }) => [`${textIn(content, "kind") ?? ""} ${key}`, content]),
  );
  for (const [name, content] of contents)
    if (name.startsWith("emitted ") && contents.has(name.replace("emitted", "done")))
      expect(emitted.has(textIn(content, "event", "id") ?? "")).toBe(true);
}

describe("a durable run", () => {
  it("ends the same wherever it is interrupted, and repeats nothing that has a record (F1, F2, F3)", () => {
    fc.assert(
      fc.property(
        anyWorkflow,
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        (definition, deaths, commitsFirst) => {
          const whole = uninterrupted(definition);
          const shells = lives(definition, deaths, commitsFirst);
          expect(whole.end?.kind).toBe("completed");
          expect(shells.at(-1)?.end).toEqual(whole.end);
          expectEmitted(shells);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("ends the same when it dies after every single command", () => {
    const definition = workflow([
      { a: { call: "f", with: { words: "${ .words }" } } },
      { b: { fork: { branches: [{ c: { wait: "PT1S" } }, { d: { call: "g", with: { words: "y" } } }] } } },
      { e: { set: { words: "${ . }" } } },
      { f: { emit: { event: { with: { source: "urn:x", type: "y" } } }, output: { as: "$task.input" } } },
    ]);
    const whole = uninterrupted(definition);
    for (let life = 1; life <= whole.commands.length; life++)
      expect(lives(definition, [life]).at(-1)?.end).toEqual(whole.end);
    const always = lives(
      definition,
      Array.from({ length: 200 }, () => 6),
    );
    expect(always.at(-1)?.end).toEqual(whole.end);
  });

  it("gives the same commands for the same events (F4)", () => {
    fc.assert(
      fc.property(anyWorkflow, (definition) => {
        expect(JSON.stringify(uninterrupted(definition).commands)).toBe(
          JSON.stringify(uninterrupted(definition).commands),
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe("what is kept", () => {
  const interrupted = (definition: WorkflowDefinition, at: number, more: ShellOptions = {}): FlowShell => {
    const first = new FlowShell({ ...options, ...more });
    first.execute(definition, input);
    return new FlowShell(
      { ...options, ...more },
      { ...first.remains, elapsed: at, records: first.recordsAt(at) },
    );
  };

  it("waits for what is left of a wait, a timeout and the delay of a retry", () => {
    const waits = workflow([{ a: { wait: "PT10S" } }]);
    const again = interrupted(waits, 8);
    again.execute(waits, input);
    expect(again.endedAt).toBe(10);

    const times = workflow([{ a: { call: "slow", with: {}, timeout: { after: "PT10S" } } }]);
    const timed = interrupted(times, 8);
    timed.execute(times, input);
    expect(timed.endedAt).toBe(10);
    expect(timed.fault.status).toBe(408);

    const retries = workflow([
      { a: { try: [{ b: { call: "flaky", with: {} } }], catch: { retry: { delay: "PT10S" } } } },
    ]);
    const retried = interrupted(retries, 8);
    retried.execute(retries, input);
    expect(retried.steps).toHaveLength(1);
    expect(retried.endedAt).toBe(0.5 + 10 + 1.5);
  });

  it("does not ask for the time again where tasks inside build on it", () => {
    const definition = workflow([
      { a: { input: { from: "{ at: now }" }, do: [{ b: { call: "f" } }, { c: { call: "g" } }] } },
    ]);
    const answer = (step: { readonly kind: string }) => success(step.kind === "invoke" ? { ...step } : null);
    const again = interrupted(definition, 1.2, { answer });
    again.execute(definition, input);
    expect(again.expressions.evaluationsOfNow).toBe(0);
  });

  it("keeps the events that a task has heard", () => {
    const definition = workflow([
      { a: { listen: { to: { all: [{ with: { type: "x" } }, { with: { type: "y" } }] } } } },
    ]);
    const event = (type: string) =>
      ({ specversion: "1.0", id: type, source: "urn:x", type, data: type }) as const;
    const again = interrupted(definition, 2, {
      events: [
        [1, event("x")],
        [3, event("y")],
      ],
    });
    again.execute(definition, input);
    expect(again.output).toEqual(["x", "y"]);
  });

  it("numbers the steps of every life apart, and says that the run goes on", () => {
    const definition = workflow([{ a: { call: "f" } }, { b: { call: "f" } }]);
    const again = interrupted(definition, 1.5);
    again.execute(definition, input);
    expect(again.steps.map(({ task }) => task)).toEqual(["/do/1/b"]);
    expect(again.notes[0]).toEqual({ of: "workflow", status: "resumed" });
  });
});
