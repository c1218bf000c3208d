import { seconds } from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../json.ts";
import { base64 } from "./base64.ts";
import { excessOf } from "./data-bounds.ts";
import { formatDateTime, parseDateTime } from "./date-time.ts";
import { parseDuration } from "./duration.ts";
import { programOf, segmentsOf, soleProgram } from "./expression-text.ts";
import { member, sameJson } from "./json-value.ts";
import { expandUri } from "./uri-template.ts";

describe("bounds of data", () => {
  it("lets through what is smaller as JSON, and nothing that is much larger", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (generated) => {
        const value = generated as Json;
        const size = JSON.stringify(value).length;
        const bounds = (dataSize: number) => ({ dataSize, dataDepth: 100 });
        expect(excessOf(value, bounds(4 * size))).toBeUndefined();
        expect(excessOf(value, bounds(Math.floor(size / 16) - 10))).toContain("characters");
      }),
    );
  });

  it("does not walk all of what shares its parts", () => {
    let value: Json = "x";
    for (let i = 0; i < 60; i++) value = [value, value];
    expect(excessOf(value, { dataSize: 1000, dataDepth: 100 })).toContain("more than 1000 characters");
    expect(excessOf(value, { dataSize: 1000, dataDepth: 59 })).toContain("deeper than 59 levels");
  });
});

describe("expressions in texts", () => {
  it("finds programs with braces and strings of their own", () => {
    const program = String.raw`{ a: "}", b: "\( { c: "}\"" } | .c )" }`;
    expect(soleProgram(` \${ ${program} } `)).toBe(program);
  });

  it("tells one expression from several", () => {
    expect(soleProgram("${ .a } and ${ .b }")).toBeUndefined();
    expect(segmentsOf("${ .a } and ${ .b }")).toEqual([
      { kind: "program", program: ".a" },
      { kind: "text", text: " and " },
      { kind: "program", program: ".b" },
    ]);
  });

  it("leaves what never ends as text", () => {
    expect(segmentsOf('costs ${ "5 }')).toEqual([{ kind: "text", text: 'costs ${ "5 }' }]);
    expect(programOf(" .a ")).toBe(".a");
  });

  it("loses nothing of a text", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("${", "}", "{", '"', "\\(", ")", "a", " ")), (parts) => {
        const text = parts.join("");
        const again = segmentsOf(text).map((part) =>
          part.kind === "text" ? part.text : `\${${part.program}}`,
        );
        expect(again.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
      }),
    );
  });
});

describe("durations", () => {
  it.each([
    ["PT0.5S", 0.5],
    ["PT1M30S", 90],
    ["P1DT2H", 93_600],
    ["P2W", 1_209_600],
    ["P1Y2M", 31_536_000 + 5_184_000],
    [{ days: 1, hours: 1, minutes: 1, seconds: 1, milliseconds: 500 }, 90_061.5],
  ])("%j is %f s", (value, expected) => expect(parseDuration(value)).toBeCloseTo(expected, 9));

  it.each([
    "",
    "P",
    "PT",
    "1h",
    "P1H",
    "PT-1S",
    `P${"9".repeat(400)}Y`,
    5,
    null,
    { hours: "1" },
    { weeks: 1 },
    { seconds: -1 },
  ])("%j is none", (value) => expect(parseDuration(value)).toBeUndefined());
});

/** Days from 1970 to the first of January of `year`, year by year. */
function daysBefore(year: number): number {
  let days = 0;
  for (let y = 1970; y < year; y++) days += isLeap(y) ? 366 : 365;
  for (let y = year; y < 1970; y++) days -= isLeap(y) ? 366 : 365;
  return days;
}
const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
const monthLengths = (year: number): readonly number[] => [
  31,
  isLeap(year) ? 29 : 28,
  31,
  30,
  31,
  30,
  31,
  31,
  30,
  31,
  30,
  31,
];

describe("dates", () => {
  it("counts days as the calendar does", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 0, max: 11 }), (year, month) => {
        const lengths = monthLengths(year);
        const day = lengths[month] ?? 0;
        const days =
          daysBefore(year) + lengths.slice(0, month).reduce((sum, length) => sum + length, 0) + day - 1;
        const text = `${String(year).padStart(4, "0")}-${String(month + 1).padStart(2, "0")}-${day}T12:34:56.789Z`;
        const moment = days * 86_400 + 45_296.789;
        expect(formatDateTime(seconds(moment))).toBe(text);
        expect(parseDateTime(text)).toBeCloseTo(moment, 3);
      }),
    );
  });

  it.each([
    ["2024-07-26T16:59:57-05:00", 1_722_031_197],
    ["2024-02-29T00:00Z", 1_709_164_800],
    ["1969-12-31T23:59:59.25+0100", -3600.75],
  ])("parses %s", (text, expected) => expect(parseDateTime(text)).toBe(expected));

  it.each(["", "2024-13-01T00:00:00Z", "yesterday"])("parses no %j", (text) =>
    expect(parseDateTime(text)).toBeUndefined(),
  );
});

describe("URIs, Base64 and JSON", () => {
  it("fills URI templates in, and refuses lists and objects", () => {
    expect(expandUri("/{a.b}/{none}/{n}?{x}", { "a.b": "c/d", n: 1, x: "!*'()" })).toBe(
      "/c%2Fd//1?%21%2A%27%28%29",
    );
    expect(() => expandUri("/{a}", { a: [] })).toThrow("list or an object");
  });

  it("encodes as Node does", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(base64(text)).toBe(Buffer.from(text, "utf8").toString("base64"));
      }),
    );
    expect(base64("\ud800")).toBe(Buffer.from("\ufffd").toString("base64"));
  });

  it("compares JSON by what it says, and reads own properties only", () => {
    expect(sameJson({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toBe(true);
    expect(sameJson({ a: 1 }, { b: 1 })).toBe(false);
    expect(sameJson([1], [1, 2])).toBe(false);
    expect(member({}, "constructor")).toBeUndefined();
  });
});
