import { readFileSync } from "node:fs";
import { Linter } from "eslint";
import { parser } from "typescript-eslint";
import { describe, expect, it } from "vitest";
import { brandedTypes, castOwnerFiles, castRestrictions } from "./restrictions.ts";

const [units = "", ids = ""] = castOwnerFiles;

const reports = (code: string, file?: string): readonly string[] =>
  new Linter()
    .verify(code, {
      languageOptions: { parser },
      rules: { "no-restricted-syntax": ["error", ...castRestrictions(file)] },
    })
    .map(({ message }) => message);

describe("castRestrictions()", () => {
  it("knows the types that core declares", () => {
    const source = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
    expect(brandedTypes(source(units))).toEqual(
      expect.arrayContaining(["Quantity", "Seconds", "Hertz", "Joules", "Watts", "Bytes", "Cores", "Ratio"]),
    );
    expect(brandedTypes(source(ids))).toEqual([
      "FunctionName",
      "StageKey",
      "MachineName",
      "WorkflowName",
      "RunId",
      "InvocationNumber",
      "InstanceNumber",
    ]);
  });

  it.each([
    "const a = 3 as Seconds;",
    "const b = x as unknown as Joules;",
    "const c = x as readonly Watts[];",
    "const d = x as Map<string, Bytes>;",
    "const e = x as Quantity<'s'>;",
    "const f = <Hertz>x;",
  ])("refuses %j outside the file that owns units", (code) => {
    expect(reports(code)).toContain(`Only ${units} casts to its types; use its constructors`);
    expect(reports(code, units)).toEqual([]);
  });

  it("refuses casts to names outside the file that owns them, and no other cast", () => {
    const cast = "const a = text as FunctionName;";
    expect(reports(cast, units)).toEqual([`Only ${ids} casts to its types; use its constructors`]);
    expect(reports(cast, ids)).toEqual([]);
    expect(reports("const a = [1] as const; const b = x as Row; const c: Seconds = seconds(1);")).toEqual([]);
  });
});
