import { describe, expect, it } from "vitest";
import { commitProblems, commitScopes } from "./commit-message.ts";

describe("commitProblems()", () => {
  it.each([
    "sandbox: Restore through a pre-spawned worker",
    "house: Lay out the workspace, core and the contracts between packages",
    "core: Embed the catalogue\n\nWhy it is so, at any length.\n",
    "docs: Say what a host needs\n# Please enter the commit message",
    "Merge branch 'other'",
    'Revert "core: Add a unit"',
  ])("accepts %j", (message) => {
    expect(commitProblems(message)).toEqual([]);
  });

  it.each([
    ["", '"" is not "scope: Imperative sentence"'],
    ["Add a unit", '"Add a unit" is not "scope: Imperative sentence"'],
    ["core:Add a unit", '"core:Add a unit" is not "scope: Imperative sentence"'],
    ["kernel: Add a unit", `"kernel" is no scope; take one of ${commitScopes.join(", ")}`],
    ["core: add a unit", "the sentence must start with a capital letter"],
    ["core: Add a unit.", "the subject must not end with a full stop"],
    [
      "core: Added a unit",
      '"Added" is not imperative; say what the commit does as an order: "Add", "Restore", "Measure"',
    ],
    ["core: Add a unit\nand more", "the line after the subject must be empty"],
    [`core: Add ${"x".repeat(63)}`, "the subject has 73 columns, at most 72 are shown"],
  ])("refuses %j and says why", (message, problem) => {
    expect(commitProblems(message)).toEqual([problem]);
  });

  it("knows every package", () => {
    for (const scope of ["core", "control", "sandbox", "daemon", "cli", "data"])
      expect(commitScopes).toContain(scope);
  });
});
