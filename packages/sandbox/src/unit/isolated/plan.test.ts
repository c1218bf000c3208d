import { FrugalError } from "@frugal/core";
import { expect, it } from "vitest";
import { encodedPlan } from "./plan.ts";

it("encodedPlan() writes the length in bytes, then names and values, each ended by NUL", () => {
  const plan = encodedPlan([
    ["user", 64999],
    ["bind", "/söurce", "/target"],
    ["argument", ""],
  ]);
  const body = "user\u000064999\0bind\0/söurce\0/target\0argument\0\0";
  expect(plan.toString()).toBe(`${Buffer.byteLength(body)}\0${body}`);
});

it("encodedPlan() refuses a value that would add a record of its own", () => {
  expect(() => encodedPlan([["environment", "A=1\0user\u00001"]])).toThrow(FrugalError);
});
