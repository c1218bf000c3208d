import { type ErrorCode, joules, seconds } from "@frugal/core";
import { describe, expect, it } from "vitest";
import type { InvocationResult } from "../platform/platform.ts";
import { endingOf } from "./attempt.ts";

const invocation = {
  sequence: 1,
  requestId: "one",
  function: "hello",
  payload: new Uint8Array(),
  traceId: undefined,
  clientContext: undefined,
  attempts: 1,
  acceptedAt: seconds(0),
};
const circumstances = { rules: { firstDelay: seconds(4), longestDelay: seconds(300) }, now: seconds(10) };

const lost = (code: ErrorCode): InvocationResult => ({
  kind: "executed",
  requestId: "one",
  outcome: { kind: "lost", error: { code, message: "gone" } },
  start: "warm",
  startKind: undefined,
  startEnergy: undefined,
  phases: undefined,
  wait: seconds(0),
  duration: seconds(1),
  energy: {
    kind: "energy",
    joules: joules(1),
    source: "model",
    quality: "estimated",
    interval: seconds(1),
    detail: "test",
  },
  pace: undefined,
  counters: {},
});

describe("endingOf()", () => {
  it("counts an attempt whose instance was lost, but not one that the platform's own end cut off", () => {
    expect(endingOf(invocation, lost("function-crashed"), 2, circumstances)).toEqual({
      kind: "again",
      sequence: 1,
      at: 14,
      isCounted: true,
    });
    expect(endingOf(invocation, lost("shutting-down"), 0, circumstances)).toEqual({
      kind: "again",
      sequence: 1,
      at: 11,
      isCounted: false,
    });
  });
});
