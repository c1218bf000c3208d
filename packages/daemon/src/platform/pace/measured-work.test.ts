import { bytes, joules, seconds } from "@frugal/core";
import { hardwareCounters, softwareCounters } from "@frugal/predict";
import { describe, expect, it } from "vitest";
import { measuredOf } from "./measured-work.ts";
import type { ClockState } from "./pace-facts.ts";

type Result = Parameters<typeof measuredOf>[1];

const request = { requestId: "one", payload: Buffer.from("[1]"), functionArn: "arn" };
const executed: Result = {
  kind: "executed",
  requestId: "one",
  outcome: { kind: "success", payload: Buffer.from("1"), cpu: seconds(0.5), pageFaults: 7 },
  start: "warm",
  startKind: undefined,
  startEnergy: undefined,
  phases: undefined,
  wait: seconds(0),
  duration: seconds(2),
  energy: {
    kind: "energy",
    joules: joules(6),
    source: "rapl",
    quality: "measured",
    interval: seconds(2),
    detail: "",
  },
  pace: undefined,
  counters: {},
};
const software = { set: softwareCounters, counted: undefined };

const paced = (state: ClockState): Result => ({
  ...executed,
  pace: {
    state,
    clocks: {},
    inForce: undefined,
    budget: undefined,
    slack: undefined,
    target: undefined,
    expected: undefined,
  },
});

describe("measuredOf()", () => {
  it("goes by what the instance reports, in the models' order", () => {
    expect(measuredOf(request, executed, software)).toEqual({
      power: 3,
      counters: Float64Array.of(0.5, 7, bytes(3)),
    });
  });

  it("gives a model of the processor's counters as many as it has, also of an execution that was not counted", () => {
    const hardware = { set: hardwareCounters, counted: undefined };
    const counters = measuredOf(request, executed, hardware)?.counters;
    expect(counters).toEqual(new Float64Array(hardwareCounters.counters.length).fill(NaN));
    const counted = Float64Array.of(1, 2, 3, 4, 5);
    expect(measuredOf(request, executed, { ...hardware, counted })?.counters).toBe(counted);
  });

  it("teaches nothing of executions that had other clocks than they were given", () => {
    for (const state of ["held", "failed"] as const)
      expect(measuredOf(request, paced(state), software)).toBeUndefined();
    for (const state of ["set", "dry-run", "left"] as const)
      expect(measuredOf(request, paced(state), software)).toBeDefined();
  });

  it("teaches nothing of failures, of an instance's first execution, and of what took no time", () => {
    expect(measuredOf(request, { ...executed, start: "cold" }, software)).toBeUndefined();
    expect(measuredOf(request, { ...executed, duration: seconds(0) }, software)).toBeUndefined();
    const error = { code: "instance-lost", message: "" } as const;
    const lost: Result = { ...executed, outcome: { kind: "lost", error } };
    expect(measuredOf(request, lost, software)).toBeUndefined();
  });
});
