import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { FrugalError } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { formatDemoHour, parseDemoHour } from "./demo-hour.ts";
import { deriveDemoHour } from "./derive-demo-hour.ts";
import { invitroThousand, type TraceSource } from "./trace-source.ts";

const root = new URL("../../../../", import.meta.url);
const stored = new URL("data/azure-2019-hour.json", root);
const trace = new URL("../shared/data/azure-functions-2019-sample/invitro_1000_inv.csv.gz", root);

const MINUTES = 120;

/** Two hours whose functions have their patterns in the second only, `steady` per minute of the steady ones. */
function twoHours(steady: number): { readonly text: string; readonly source: TraceSource } {
  const shapes: readonly ((minute: number) => number)[] = [
    ...Array.from({ length: 5 }, (_, i) => (minute: number) => (minute === i ? 1 : 0)),
    ...Array.from({ length: 5 }, (_, i) => (minute: number) => (minute % 10 === i ? 1 : 0)),
    ...Array.from({ length: 5 }, () => () => steady),
    ...Array.from({ length: 5 }, (_, i) => (minute: number) => (minute === 30 || minute === 33 ? 30 + i : 0)),
  ];
  const rows = shapes.map((shape) =>
    Array.from({ length: MINUTES }, (_, minute) => (minute < 60 ? 0 : shape(minute - 60))),
  );
  const header = [
    "HashOwner",
    "HashApp",
    "HashFunction",
    ...Array.from({ length: MINUTES }, (_, minute) => minute + 1),
  ];
  const text = [header, ...rows.map((row, i) => ["o", "a", `f${String(i).padStart(2, "0")}`, ...row])]
    .map((row) => row.join(","))
    .join("\n");
  const invocations = rows.flat().reduce((sum, count) => sum + count, 0);
  return { text, source: { ...invitroThousand, functions: rows.length, invocations } };
}

const refusal = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (error instanceof FrugalError && error.code === "invalid-trace") return error.message;
    throw error;
  }
  throw new Error("nothing was thrown");
};

describe("deriveDemoHour", () => {
  it("takes the functions at equally spaced ranks of each pattern, and the hour that has them", () => {
    const { text, source } = twoHours(3);
    const derived = deriveDemoHour(text, source);
    expect(derived.hour).toBe(1);
    expect(derived.functions.map((each) => `${each.pattern} ${each.hash}`)).toEqual([
      "rare f01",
      "rare f03",
      "periodic f06",
      "periodic f08",
      "steady f10",
      "steady f12",
      "steady f14",
      "bursty f15",
      "bursty f17",
      "bursty f19",
    ]);
    expect(derived.invocations).toBe(1 + 1 + 6 + 6 + 3 * 180 + 60 + 64 + 68);
  });

  it("refuses a file with a bad row, another file, and a file without such an hour", () => {
    const { text, source } = twoHours(3);
    expect(refusal(() => deriveDemoHour(text.replace("f03", ""), source))).toMatch(/line 5: a hash is empty/);
    expect(refusal(() => deriveDemoHour(text))).toMatch(
      /expected 1000 and 608228\nGive data\/traces\/1000_inv.csv/,
    );
    const quiet = twoHours(2);
    expect(refusal(() => deriveDemoHour(quiet.text, quiet.source))).toMatch(/No hour of the trace/);
  });

  it("makes the stored hour out of the trace (needs shared data)", ({ skip }) => {
    skip(!existsSync(trace), `there is no ${trace.pathname}`);
    const text = gunzipSync(readFileSync(trace)).toString();
    expect(formatDemoHour(deriveDemoHour(text))).toBe(readFileSync(stored, "utf8"));
  });
});

describe("parseDemoHour", () => {
  const text = readFileSync(stored, "utf8");

  it("reads the stored hour: ten functions, 25 to 35 requests a second when replayed in 30 seconds", () => {
    const hour = parseDemoHour(text);
    expect(formatDemoHour(hour)).toBe(text);
    expect(hour.functions).toHaveLength(10);
    expect(hour.invocations / 30).toBeGreaterThan(25);
    expect(hour.invocations / 30).toBeLessThan(35);
    expect(hour.source).toEqual(invitroThousand);
  });

  it.each([
    ["", /JSON/],
    ["[]", /no object/],
    [text.replace('"licence"', '"license"'), /source is incomplete/],
    [text.replace('"rule"', '"rules"'), /rule/],
    [text.replace('"hour": ', '"hour": -'), /hour/],
    [text.replace('"pattern":"rare"', '"pattern":"odd"'), /60 counts/],
    [text.replace('"counts":[1,', '"counts":[2,'), /60 counts/],
    [text.replace(/"invocations": (\d+),\n {2}"functions"/, '"invocations": 1$1,\n  "functions"'), /add up/],
  ])("refuses what is no such hour (%#)", (broken, reason) => {
    expect(refusal(() => parseDemoHour(broken))).toMatch(reason);
    expect(refusal(() => parseDemoHour(broken))).toMatch(/frugal derive demo-trace/);
  });
});
