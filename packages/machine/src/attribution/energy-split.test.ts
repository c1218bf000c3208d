import { type FunctionName, functionName, joules, type Seconds, seconds } from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitEnergy } from "./energy-split.ts";

const amount = fc.double({ min: 0, max: 1e6, noNaN: true });
const cpu = fc.double({ min: 0, max: 400, noNaN: true });
const names = ["resize", "encode", "upload"].map(functionName);
const functions = fc
  .array(fc.tuple(fc.constantFrom(...names), cpu.map(seconds)))
  .map((entries): ReadonlyMap<FunctionName, Seconds> => new Map(entries));

const sample = fc.record({ total: amount, atRest: amount, machine: cpu, platform: cpu, used: functions });

describe("splitEnergy()", () => {
  it("conserves the total and makes no part negative, however the CPU times disagree (S1, S2)", () => {
    fc.assert(
      fc.property(sample, ({ total, atRest, machine, platform, used }) => {
        const split = splitEnergy(joules(total), joules(atRest), {
          machine: seconds(machine),
          platform: seconds(platform),
          functions: used,
        });
        const parts = [split.static, split.otherProcesses, ...split.functions.values()];
        for (const part of parts) expect(part).toBeGreaterThanOrEqual(0);
        const sum = parts.reduce((a, b) => a + b, 0);
        expect(Math.abs(sum - total)).toBeLessThanOrEqual(1e-9 * total);
      }),
    );
  });

  it("passes the platform's own part on to the functions by their CPU time", () => {
    const [resize = functionName("a"), encode = functionName("b")] = names;
    const split = splitEnergy(joules(130), joules(30), {
      machine: seconds(10),
      platform: seconds(1),
      functions: new Map([
        [resize, seconds(1)],
        [encode, seconds(3)],
      ]),
    });
    expect(split.static).toBe(30);
    expect(split.functions.get(resize)).toBeCloseTo(12.5, 9);
    expect(split.functions.get(encode)).toBeCloseTo(37.5, 9);
    expect(split.otherProcesses).toBeCloseTo(50, 9);
  });

  it("counts the platform's own work as other work while no function runs", () => {
    const split = splitEnergy(joules(130), joules(30), {
      machine: seconds(1),
      platform: seconds(1),
      functions: new Map(),
    });
    expect(split).toMatchObject({ static: 30, otherProcesses: 100 });
  });

  it("calls everything static while no processor is busy", () => {
    const idle = { machine: seconds(0), platform: seconds(0), functions: new Map<FunctionName, Seconds>() };
    expect(splitEnergy(joules(130), joules(30), idle)).toMatchObject({ static: 130, otherProcesses: 0 });
  });
});
