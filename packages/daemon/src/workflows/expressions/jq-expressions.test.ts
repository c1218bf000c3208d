import type { Json } from "@frugal/control";
import { mebibytes, milliseconds, seconds } from "@frugal/core";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { ManualClock } from "../../../test/manual-clock.ts";
import { JqExpressions } from "./jq-expressions.ts";
import { reasonOf, requestFor } from "./jq-program.ts";
import { JqThread } from "./jq-thread.ts";
import { evaluatePlain, plainProgram } from "./plain-path.ts";

const limits = { time: seconds(60), memory: mebibytes(256) };
const jq = new JqExpressions(limits, new ManualClock());
const thread = new JqThread(limits);
afterAll(() => {
  jq.close();
  thread.close();
});

const evaluate = (program: string, input: Json = null, variables: Readonly<Record<string, Json>> = {}) =>
  jq.evaluate(program, input, variables);
const value = (found: Json) => ({ kind: "value", value: found });

/** What jq says, without the short cut for plain paths. */
function byJq(program: string, input: Json, variables: Readonly<Record<string, Json>>) {
  const outcome = thread.evaluate(requestFor(program, input, variables));
  if (outcome.kind === "output")
    return value(outcome.text === "" ? null : (JSON.parse(outcome.text) as Json));
  return { kind: "fault", reason: outcome.kind === "complaint" ? reasonOf(outcome.text) : outcome.reason };
}

describe("JqExpressions", () => {
  it("evaluates programs on the input and the variables, and takes their first value", () => {
    expect(evaluate("{n: (.list | add), $x}", { list: [1, 2] }, { x: "é" })).toEqual(value({ n: 3, x: "é" }));
    expect(evaluate("1, 2")).toEqual(value(1));
    expect(evaluate("empty")).toEqual(value(null));
    expect(evaluate("def f: .a; f # a comment", { a: [true] })).toEqual(value([true]));
    expect(evaluate("repeat(1)")).toEqual(value(1));
    expect(evaluate('"\\(.a) and \\($b)"', { a: 1 }, { b: [2] })).toEqual(value("1 and [2]"));
    expect(evaluate("[1e1000, -1e1000, 1e308]")).toEqual(value([Number.MAX_VALUE, -Number.MAX_VALUE, 1e308]));
  });

  it("tells why a program fails, in one line", () => {
    expect(evaluate(".a | .b", { a: 1 })).toEqual({
      kind: "fault",
      reason: 'Cannot index number with string "b"',
    });
    expect(evaluate('error("no luck")')).toEqual({ kind: "fault", reason: "no luck" });
    expect(evaluate("$nobody | 1")).toEqual({ kind: "fault", reason: "$nobody is not defined" });
    expect(evaluate(".[")).toMatchObject({
      kind: "fault",
      reason: expect.stringMatching(/^syntax error/) as unknown,
    });
    expect(evaluate("")).toMatchObject({ kind: "fault" });
    expect(evaluate(".a) | (.b", { a: 1 })).toMatchObject({ kind: "fault" });
    expect(evaluate("halt_error", "stop")).toEqual({ kind: "fault", reason: "halted: stop" });
  });

  it("says beforehand whether a program is well formed", () => {
    expect(jq.problemOf(".a | map(. + $anything)")).toBeUndefined();
    expect(jq.problemOf(".a | map(")).toMatch(/^syntax error/);
    expect(jq.problemOf("nothing(1)")).toBe("nothing/1 is not defined");
  });

  it("shows no environment, file or other input, and prints nothing (J3)", () => {
    for (const program of ["$ENV | .", "env", "$ENV.PATH // {}"])
      expect(evaluate(program)).toEqual(value({}));
    expect(evaluate("input_filename")).toEqual(value(null));
    expect(evaluate("[inputs]")).toEqual(value([]));
    expect(evaluate("input")).toEqual({ kind: "fault", reason: "No more inputs" });
    expect(evaluate("debug | stderr | .", 3)).toEqual(value(3));
    for (const program of ['import "a" as a; .', 'include "a"; .'])
      expect(evaluate(program)).toMatchObject({ kind: "fault" });
  });

  it("cuts off a program without end, and one that eats memory, and goes on (J1)", () => {
    const hasty = new JqExpressions({ time: seconds(1), memory: mebibytes(64) }, new ManualClock());
    expect(hasty.evaluate("last(repeat(1))", null, {})).toEqual({
      kind: "fault",
      reason: "it took longer than 1 s",
    });
    expect(hasty.evaluate(". + 1 | .", 1, {})).toEqual(value(2));
    hasty.close();
    const small = new JqExpressions({ time: seconds(60), memory: mebibytes(32) }, new ManualClock());
    expect(small.evaluate("[range(1e9)] | length", null, {})).toMatchObject({ kind: "fault" });
    expect(small.evaluate(". + 1 | .", 1, {})).toEqual(value(2));
    expect(small.evaluate("def f: 1 + f; f", null, {})).toMatchObject({ kind: "fault" });
    expect(small.evaluate(". + 1 | .", 1, {})).toEqual(value(2));
    small.close();
  });

  it("does not try for a while what keeps running over its time (J4)", () => {
    const clock = new ManualClock();
    const hasty = new JqExpressions({ time: milliseconds(500), memory: mebibytes(64) }, clock);
    const endless = (): unknown => hasty.evaluate("last(repeat(1))", null, {});
    const late = { kind: "fault", reason: "it took longer than 0.5 s" };
    for (let i = 0; i < 3; i++) expect(endless()).toEqual(late);
    expect(endless()).toEqual({
      kind: "fault",
      reason: "it took too long 3 times, and is not tried for a while",
    });
    clock.advance(60);
    expect(endless()).toEqual(late);
    hasty.close();
  });

  it("goes on while a thread that holds much memory gets a successor", () => {
    for (let i = 0; i < 3; i++) {
      const text = "x".repeat(4_000_000);
      expect(evaluate("{all, length: (.all | length)} | .length", { all: text })).toEqual(value(4_000_000));
    }
  });

  it("reads no result that is larger than anybody could use", () => {
    expect(evaluate('"0123456789" * 1700000')).toMatchObject({
      kind: "fault",
      reason: expect.stringContaining("characters") as unknown,
    });
  });
});

describe("plain programs", () => {
  const key = fc.constantFrom("a", "b", "a b", "__proto__", "é");
  const { json } = fc.letrec<{ json: Json }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<Json>(null, true, false, 0, 1, -2.5, 1e21, "", "a", "é"),
      fc.array(tie("json"), { maxLength: 3 }),
      fc.dictionary(key, tie("json"), { maxKeys: 3, noNullPrototype: true }),
    ),
  }));
  const step = fc.oneof(
    fc.constantFrom(".a", ".b", '."a b"', '."a"', '["a"]', ".__proto__"),
    fc.integer({ min: -3, max: 3 }).map((i) => `[${i}]`),
  );
  const literal = fc.constantFrom("null", "true", "false", "0", "1", "2.5", '"a"', '"é"', '""');
  const comparison = fc.tuple(fc.constantFrom("==", "!=", "<", "<=", ">", ">="), literal);
  const program = fc
    .tuple(
      fc.constantFrom(".", "", "$input", "$context", "$nobody"),
      fc.array(step, { maxLength: 4 }),
      fc.option(comparison, { nil: undefined }),
    )
    .map(([start, steps, compare]) => {
      const path = steps.join("");
      const dot = start === "" && !path.startsWith(".") ? "." : start;
      const from = dot === "." && path.startsWith(".") ? "" : dot;
      return `${from}${path}${compare === undefined ? "" : ` ${compare.join(" ")}`}`;
    });

  it("have the results and errors of jq (J2)", () => {
    fc.assert(
      fc.property(program, json, json, (text, input, context) => {
        const plain = plainProgram(text);
        expect(plain, text).toBeDefined();
        if (plain === undefined) return;
        const variables = { input: [input], context };
        expect(evaluatePlain(plain, input, variables), text).toEqual(byJq(text, input, variables));
      }),
      { numRuns: 400 },
    );
  });

  it("are not more than paths and comparisons", () => {
    for (const text of [
      ".a | .b",
      ".a?",
      ".[]",
      "$ENV",
      "$__loc__",
      ".a == .b",
      '."\\u0041"',
      ".[1:2]",
      "-.a",
      "..",
      ".a.",
      "..a",
      ". .a",
      ".[a]",
      "..a",
      ". .a",
      "$x a",
      ".[a]",
      "",
    ])
      expect(plainProgram(text), text).toBeUndefined();
  });
});
