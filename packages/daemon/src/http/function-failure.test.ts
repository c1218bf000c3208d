import { type ErrorCode, seconds } from "@frugal/core";
import { describe, expect, it } from "vitest";
import type { InvocationResult } from "../platform/platform.ts";
import type { FunctionDefinition } from "../registry/definition.ts";
import { failureBody, functionErrorOf } from "./function-failure.ts";

const definition = { runtime: "nodejs", timeout: seconds(3) } as FunctionDefinition;
const refused = (code: ErrorCode, details: Record<string, unknown>): InvocationResult => ({
  kind: "refused",
  requestId: "id",
  error: { code, message: "Frugal's own words", details: { ...details, function: "hello" } },
  retryAfter: undefined,
});
const lost = (code: ErrorCode, details: Record<string, unknown>): InvocationResult => ({
  kind: "executed",
  requestId: "id",
  outcome: { kind: "lost", error: { code, message: "Frugal's own words", details } },
  start: "warm",
  startKind: undefined,
  startEnergy: undefined,
  phases: undefined,
  wait: seconds(0),
  duration: seconds(0),
  energy: { kind: "unavailable", reason: "a test" },
  pace: undefined,
  counters: {},
});

describe("functionErrorOf()", () => {
  const own = { errorType: "RangeError", errorMessage: "too late", stackTrace: ["at later"] };

  it("hands on what the function's runtime said before it ended", () => {
    for (const result of [refused("init-failed", own), lost("function-failed", own)]) {
      const error = functionErrorOf(definition, result);
      expect(error).toEqual(own);
      expect(JSON.parse((error && failureBody(definition, error).toString()) ?? "")).toEqual({
        errorType: "RangeError",
        errorMessage: "too late",
        trace: ["at later"],
      });
    }
  });

  it("explains in AWS Lambda's terms what the runtime could not say any more", () => {
    const ended = functionErrorOf(definition, lost("function-crashed", { exitCode: 3 }));
    expect(ended).toEqual({
      errorType: "Runtime.ExitError",
      errorMessage: "RequestId: id Error: Frugal's own words",
    });
    expect(functionErrorOf(definition, refused("init-failed", { exitCode: 3 }))?.errorType).toBe(
      "Runtime.InitError",
    );
    expect(functionErrorOf(definition, refused("overloaded", own))).toBeUndefined();
  });
});
