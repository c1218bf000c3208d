import fc from "fast-check";
import { FrugalError } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { InvocationsReader, readInvocations, type TraceItem, unreadableTrace } from "./invocations-reader.ts";

const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(..."0123456789abcdef".split("")), minLength: length, maxLength: length });
const count = fc.oneof(fc.nat({ max: 9 }), fc.nat({ max: 2 ** 32 - 1 }));

const message = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (error instanceof FrugalError && error.code === "invalid-trace") return error.message;
    throw error;
  }
  throw new Error("nothing was thrown");
};

describe("InvocationsReader", () => {
  it("reads exactly the counts of the file, whatever the order of columns and the chunks (A1, A2)", () => {
    const file = fc.integer({ min: 1, max: 30 }).chain((minutes) =>
      fc.record({
        counts: fc.array(fc.array(count, { minLength: minutes, maxLength: minutes }), { maxLength: 5 }),
        names: fc
          .constantFrom("", "minute_")
          .map((prefix) => [
            "HashOwner",
            "HashApp",
            "HashFunction",
            ...(prefix === "" ? ["Trigger"] : []),
            ...Array.from({ length: minutes }, (_, i) => `${prefix}${i + 1}`),
          ]),
        seeds: fc.array(fc.nat(), { minLength: minutes + 4, maxLength: minutes + 4 }),
        chunk: fc.integer({ min: 1, max: 50 }),
      }),
    );
    fc.assert(
      fc.property(file, ({ counts, names, seeds, chunk }) => {
        const order = names.map((_, i) => i).sort((a, b) => (seeds[a] ?? 0) - (seeds[b] ?? 0));
        const ids = names.length - (counts[0]?.length ?? 0);
        const rows = counts.map((row, i) =>
          [`o${i}`, `a${i}`, `f${i}`, "http"].slice(0, ids).concat(row.map(String)),
        );
        const text = [names, ...rows].map((row) => order.map((i) => row[i]).join(",")).join("\n");

        const reader = new InvocationsReader();
        const items: TraceItem[] = [];
        for (let at = 0; at < text.length; at += chunk)
          items.push(...reader.push(text.slice(at, at + chunk)));
        items.push(...reader.end());

        expect(items).toEqual(
          counts.map((row, i) => ({
            kind: "function",
            owner: `o${i}`,
            app: `a${i}`,
            function: `f${i}`,
            trigger: names.includes("Trigger") ? "http" : undefined,
            counts: Uint32Array.from(row),
            line: i + 2,
          })),
        );
        expect(reader.functions).toBe(counts.length);
        expect(reader.problems).toBe(0);
      }),
    );
  });

  it("reads a file without a header as a day in Azure's order", () => {
    fc.assert(
      fc.property(fc.array(count, { minLength: 1440, maxLength: 1440 }), hex(64), (counts, hash) => {
        const { functions, problems } = readInvocations(
          `${hash},${hash},${hash},timer,${counts.join(",")}\r\n`,
        );
        expect(problems).toEqual([]);
        expect(functions.map((row) => [row.trigger, row.line, [...row.counts]])).toEqual([
          ["timer", 1, counts],
        ]);
      }),
      { numRuns: 10 },
    );
  });

  it("reports every bad row with its line, and reads the others (A1)", () => {
    const rows = [
      "o,a,f,0,1",
      "o,a,f,0",
      "o,a,f,1,-1",
      "o,a,f,1.5,1",
      "",
      'o,"a,f,1',
      "o,,f,1,1",
      "o,a,f,4294967296,1",
    ];
    const text = ["HashOwner,HashApp,HashFunction,1,2", ...rows].join("\n");
    expect(readInvocations(text).problems).toEqual([
      { kind: "problem", line: 3, problem: "the row has 4 columns, expected 5" },
      { kind: "problem", line: 4, problem: 'minute 2 is "-1", expected a whole number from 0 to 4294967295' },
      {
        kind: "problem",
        line: 5,
        problem: 'minute 1 is "1.5", expected a whole number from 0 to 4294967295',
      },
      { kind: "problem", line: 7, problem: "a quote is opened and not closed" },
    ]);
    const closed = readInvocations(text.replace('"', ""));
    expect(closed.problems.map((problem) => problem.line)).toEqual([3, 4, 5, 7, 8, 9]);
    expect(closed.functions.map((row) => row.line)).toEqual([2]);
  });

  it.each([
    ["", /is empty/],
    ["\n\n", /is empty/],
    ["HashFunction,HashApp,minute_1\n", /column HashOwner is missing/],
    ["HashFunction,HashApp,HashOwner\n", /there is no minute/],
    ["HashFunction,HashApp,HashOwner,1,3\n", /minute 2 is missing/],
    ["HashFunction,HashApp,HashOwner,1,minute_1\n", /column minute_1 is there twice/],
    ["HashFunction,HashApp,HashOwner,Average,Count\n", /column 4 is called "Average"/],
    ["app,func,end_timestamp,duration\n", /Line 1 is neither a header nor a row/],
    ['"HashFunction\n', /line 1: a quote is opened and not closed/],
  ])("refuses %j as a whole, with the reason (A3)", (text, reason) => {
    expect(message(() => readInvocations(text))).toMatch(reason);
  });

  it("tells those who need every row how many are bad, and shows the first", () => {
    const problems = Array.from({ length: 7 }, (_, i) => ({ line: i + 2, problem: "a hash is empty" }));
    expect(unreadableTrace(problems).message).toMatch(
      /^7 rows of the trace cannot be read\nline 2: a hash is empty\n(.*\n){4}and 2 more\nMend/,
    );
  });
});
