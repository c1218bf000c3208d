import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CsvItem, CsvScanner } from "./csv-scanner.ts";

const scanned = (chunks: readonly string[], longestRow?: number): readonly CsvItem[] => {
  const scanner = new CsvScanner(longestRow === undefined ? {} : { longestRow });
  return [...chunks.flatMap((chunk) => scanner.push(chunk)), ...scanner.end()];
};
const rowsOf = (...chunks: readonly string[]): readonly (readonly string[])[] =>
  scanned(chunks).map((item) => (item.kind === "row" ? item.fields : ["malformed", item.problem]));

/** Text of the characters that matter to a scanner, so that every corner of the grammar and of its abuse comes up. */
const csvLike = fc.string({ unit: fc.constantFrom("a", "b", ",", '"', "\r", "\n", " ", "é"), maxLength: 60 });
const cuts = fc.array(fc.nat({ max: 60 }), { maxLength: 12 });
const cutAt = (text: string, places: readonly number[]): readonly string[] => {
  const borders = [0, ...[...places].sort((a, b) => a - b), text.length];
  return borders.slice(1).map((border, i) => text.slice(borders[i], border));
};

describe("CsvScanner", () => {
  it("reads the same rows wherever the text is cut (C1)", () => {
    fc.assert(
      fc.property(csvLike, cuts, fc.option(fc.integer({ min: 1, max: 20 })), (text, places, longest) => {
        const limit = longest ?? undefined;
        expect(scanned(cutAt(text, places), limit)).toEqual(scanned([text], limit));
        expect(scanned(text.split(""), limit)).toEqual(scanned([text], limit));
      }),
      { numRuns: 1000 },
    );
  });

  it("reads back what was written, quoted or not (C2)", () => {
    const field = fc.string({ unit: fc.constantFrom("a", "é", ",", '"', "\n", "\r"), maxLength: 6 });
    const rows = fc.array(fc.array(field, { minLength: 1, maxLength: 5 }), { maxLength: 6 });
    fc.assert(
      fc.property(rows, fc.constantFrom("\n", "\r\n"), cuts, (written, lineEnd, places) => {
        const text = written
          .map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(","))
          .join(lineEnd);
        expect(rowsOf(...cutAt(text, places))).toEqual(written);
      }),
    );
  });

  it("accounts for every line that is not empty, in order (C3)", () => {
    fc.assert(
      fc.property(csvLike, (text) => {
        const starts = scanned([text]).map((item) => item.line);
        expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b));
        const unquoted = text.replaceAll('"', "");
        const lines = unquoted.split("\n").flatMap((line, i) => (/^\r?$/.test(line) ? [] : [i + 1]));
        expect(scanned([unquoted]).map((item) => item.line)).toEqual(lines);
      }),
    );
  });

  it("takes a byte order mark, CRLF, empty lines and a missing last line end for what they are", () => {
    expect(scanned(["\uFEFFa,b\r\n\r\n\n1,\r\n", "x"])).toEqual([
      { kind: "row", line: 1, fields: ["a", "b"] },
      { kind: "row", line: 4, fields: ["1", ""] },
      { kind: "row", line: 5, fields: ["x"] },
    ]);
    expect(rowsOf("")).toEqual([]);
    expect(rowsOf('""')).toEqual([[""]]);
  });

  it("counts lines inside quotes", () => {
    expect(scanned(['"a\nb",c\nd'])).toEqual([
      { kind: "row", line: 1, fields: ["a\nb", "c"] },
      { kind: "row", line: 3, fields: ["d"] },
    ]);
  });

  it("reports what is no CSV and goes on with the next line", () => {
    expect(scanned(['a"b\nc\n"d"e\nf\n"g\nh'])).toEqual([
      { kind: "malformed", line: 1, problem: "a quote stands inside a field that does not start with one" },
      { kind: "row", line: 2, fields: ["c"] },
      { kind: "malformed", line: 3, problem: "text follows a closed quote" },
      { kind: "row", line: 4, fields: ["f"] },
      { kind: "malformed", line: 5, problem: "a quote is opened and not closed" },
    ]);
  });

  it("gives up a row that an open quote makes too long, and finds the next line again", () => {
    expect(scanned(['"a\nb\nc\nd,1\ne,2\n'], 5)).toEqual([
      {
        kind: "malformed",
        line: 1,
        problem: "the row is longer than 5 characters; is a quote left open?",
      },
      { kind: "row", line: 4, fields: ["d", "1"] },
      { kind: "row", line: 5, fields: ["e", "2"] },
    ]);
  });
});
