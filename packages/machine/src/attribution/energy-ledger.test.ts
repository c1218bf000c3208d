import {
  type EnergyAmount,
  type EnergyReading,
  type FunctionName,
  functionName,
  joules,
  type Seconds,
  seconds,
  watts,
} from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EnergyLedger, type EnergySample } from "./energy-ledger.ts";

const resize = functionName("resize");
const encode = functionName("encode");

const measured = (energy: number, interval = 1): EnergyAmount => ({
  kind: "energy",
  joules: joules(energy),
  source: "rapl",
  quality: "measured",
  interval: seconds(interval),
  detail: "RAPL zones package-0",
});
const gone: EnergyReading = { kind: "unavailable", reason: "the driver gives no data" };

const cpuOf = (
  machine: number,
  used: readonly (readonly [FunctionName, number])[] = [],
  platform = 0,
): EnergySample["cpu"] => ({
  machine: seconds(machine),
  platform: seconds(platform),
  functions: new Map(used.map(([name, time]): [FunctionName, Seconds] => [name, seconds(time)])),
});

const amountOf = (reading: EnergyReading): number =>
  reading.kind === "energy" ? reading.joules : Number.NaN;

const step = fc.oneof(
  fc.record({
    kind: fc.constant("sample" as const),
    energy: fc.option(fc.double({ min: 0, max: 500, noNaN: true })),
    elapsed: fc.double({ min: 0, max: 5, noNaN: true }),
    machine: fc.double({ min: 0, max: 20, noNaN: true }),
    platform: fc.double({ min: 0, max: 5, noNaN: true }),
    used: fc.array(fc.tuple(fc.constantFrom(resize, encode), fc.double({ min: 0, max: 10, noNaN: true })), {
      maxLength: 3,
    }),
  }),
  fc.record({ kind: fc.constant("retire" as const), name: fc.constantFrom(resize, encode) }),
);

describe("EnergyLedger", () => {
  it.each([
    ["a model", { idle: watts(40), perBusyThread: watts(5) }],
    ["a sensor", undefined],
  ])(
    "of %s conserves energy and never makes any up, in any order of events (L1, L2, L3)",
    (_, powerModel) => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
          const ledger = new EnergyLedger({ threads: 8, powerModel });
          let total = 0;
          let covered = 0;
          let elapsed = 0;
          let before = 0;
          for (const event of steps) {
            if (event.kind === "retire") ledger.retire(event.name);
            else {
              const reading =
                event.energy === null ? gone : measured(event.elapsed > 0 ? event.energy : 0, event.elapsed);
              ledger.record({
                elapsed: seconds(event.elapsed),
                reading,
                cpu: cpuOf(event.machine, event.used, event.platform),
              });
              elapsed += event.elapsed;
              if (reading.kind === "energy") {
                total += reading.joules;
                covered += reading.interval;
              }
            }
            const totals = ledger.totals();
            const parts = [totals.functions, totals.static, totals.otherProcesses];
            for (const part of parts) expect(part).toBeGreaterThanOrEqual(0);
            expect(Math.abs(parts.reduce((a, b) => a + b, 0) - total)).toBeLessThanOrEqual(1e-9 * total);
            expect(totals.functions).toBeGreaterThanOrEqual(before - 1e-9 * total);
            before = totals.functions;
            expect(totals.missing).toBeCloseTo(elapsed - covered, 6);
            expect(totals.total.kind).toBe(covered > 0 ? "energy" : "unavailable");
            if (covered > 0) expect(amountOf(totals.total)).toBeCloseTo(total, 6);
          }
        }),
      );
    },
  );

  it("is unavailable, with the meter's reason, until something was metered (L3)", () => {
    const ledger = new EnergyLedger({ threads: 2 });
    expect(ledger.totals().total).toEqual({ kind: "unavailable", reason: "nothing has been metered yet" });
    ledger.record({ elapsed: seconds(1), reading: gone, cpu: cpuOf(1, [[resize, 1]]) });
    expect(ledger.of(resize)).toEqual(gone);
    expect(ledger.invocation(seconds(1), seconds(1))).toEqual(gone);
    expect(ledger.totals()).toMatchObject({ covered: 0, missing: 1 });
  });

  it("uses the CPU times of failed readings when the next amount covers them, and drops them when it covers none", () => {
    const model = { idle: watts(0), perBusyThread: watts(1) };
    const late = new EnergyLedger({ threads: 2, powerModel: model });
    late.record({ elapsed: seconds(1), reading: gone, cpu: cpuOf(1, [[resize, 1]]) });
    late.record({ elapsed: seconds(1), reading: measured(20, 2), cpu: cpuOf(1, [[encode, 1]]) });
    expect(amountOf(late.of(resize))).toBeCloseTo(10, 9);
    expect(late.totals().missing).toBe(0);

    const anew = new EnergyLedger({ threads: 2, powerModel: model });
    anew.record({ elapsed: seconds(1), reading: gone, cpu: cpuOf(1, [[resize, 1]]) });
    anew.record({ elapsed: seconds(1), reading: measured(0, 0), cpu: cpuOf(1, [[resize, 1]]) });
    anew.record({ elapsed: seconds(1), reading: measured(10), cpu: cpuOf(1, [[encode, 1]]) });
    expect(amountOf(anew.of(resize))).toBe(0);
    expect(amountOf(anew.of(encode))).toBeCloseTo(10, 9);
    expect(anew.totals().missing).toBe(2);
  });

  it("calls shares of a measurement attributed and shares of an estimate estimated", () => {
    const ledger = new EnergyLedger({ threads: 2 });
    ledger.record({ elapsed: seconds(1), reading: measured(50), cpu: cpuOf(1, [[resize, 1]]) });
    expect(ledger.of(resize)).toMatchObject({ source: "rapl", quality: "attributed", interval: 1 });
    expect(ledger.totals().total).toMatchObject({ quality: "measured" });

    const estimated = { ...measured(5), source: "model", quality: "estimated" } as const;
    ledger.record({ elapsed: seconds(1), reading: estimated, cpu: cpuOf(1) });
    expect(ledger.of(resize)).toMatchObject({ source: "model", quality: "estimated" });
    expect(ledger.totals().total).toMatchObject({ source: "model", quality: "estimated", joules: 55 });
  });

  it("learns the idle power of a sensor from the lowest power seen", () => {
    const ledger = new EnergyLedger({ threads: 4 });
    ledger.record({ elapsed: seconds(1), reading: measured(40), cpu: cpuOf(0) });
    ledger.record({ elapsed: seconds(1), reading: measured(100), cpu: cpuOf(3, [[resize, 3]]) });
    expect(ledger.totals()).toMatchObject({ static: 80, functions: 60 });
    expect(ledger.totals().staticBasis).toContain("40.0 W, the lowest so far, at 0 % use");
    expect(ledger.marginalJoulesPerCpuSecond()).toBeCloseTo(20, 9);
    expect(ledger.invocation(seconds(0.5), seconds(0.7))).toMatchObject({
      joules: 10,
      interval: 0.7,
      quality: "attributed",
    });
  });

  it("corrects the lowest power for the work in it where a model tells the share of rest", () => {
    const idleModel = { idle: watts(10), perBusyThread: watts(10) };
    const ledger = new EnergyLedger({ threads: 4, idleModel });
    ledger.record({ elapsed: seconds(1), reading: measured(100), cpu: cpuOf(4, [[resize, 4]]) });
    expect(ledger.totals()).toMatchObject({ static: 20, functions: 80 });
  });

  it("prices an invocation by the model before anything ran, and not without its CPU time", () => {
    const ledger = new EnergyLedger({ threads: 2, powerModel: { idle: watts(1), perBusyThread: watts(3) } });
    ledger.record({ elapsed: seconds(0), reading: measured(0, 0), cpu: cpuOf(0) });
    expect(ledger.invocation(seconds(2), seconds(2))).toMatchObject({ joules: 6 });
    expect(ledger.invocation(undefined, seconds(2))).toMatchObject({ kind: "unavailable" });
  });

  it("keeps what a removed function caused, and starts its namesake at zero", () => {
    const ledger = new EnergyLedger({ threads: 2, powerModel: { idle: watts(0), perBusyThread: watts(10) } });
    ledger.record({ elapsed: seconds(1), reading: measured(10), cpu: cpuOf(1, [[resize, 1]]) });
    ledger.retire(resize);
    expect(amountOf(ledger.of(resize))).toBe(0);
    expect(ledger.totals().functions).toBe(10);
  });
});
