import { constants } from "node:os";
import { ratio, seconds } from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { FakeClock } from "../../../test/fake-clock.ts";
import { FakePerf, type FakeRegisters } from "../../../test/fake-perf.ts";
import { reasonOf } from "../../../test/reason-of.ts";
import { type CounterEvent, counterEvents } from "../counter-event.ts";
import type { CounterAmount, CounterAmounts, Counters } from "../counter-port.ts";
import { PerfPort } from "./perf-port.ts";

const WRAP = 2n ** 64n;

function scene(
  arrange: (perf: FakePerf) => void = () => undefined,
  events: readonly CounterEvent[] = counterEvents,
) {
  const perf = new FakePerf();
  arrange(perf);
  const clock = new FakeClock();
  const port = new PerfPort(clock, () => ({ kind: "available", calls: perf }));
  const counters = port.open({ kind: "cgroup", folder: "/proc/self", cpus: [0, 3] }, events);
  onTestFinished(() => {
    counters.close();
    counters.close();
    expect(perf.opened.size).toBe(0);
  });
  return { perf, clock, port, counters };
}

const registers = (enabled: bigint, running: bigint, counts: FakeRegisters["counts"]): FakeRegisters => ({
  enabled: enabled % WRAP,
  running: running % WRAP,
  counts: Object.fromEntries(Object.entries(counts).map(([event, count]) => [event, count % WRAP])),
});

/** A second between two snapshots. */
function over(counters: Counters, clock: FakeClock, happen: () => void): CounterAmounts {
  const before = counters.snapshot();
  clock.advance(seconds(1));
  happen();
  return counters.between(before, counters.snapshot());
}

const reasonIn = (amounts: CounterAmounts, event: CounterEvent): string =>
  reasonOf(amounts.get(event) ?? { kind: "none" });
const counted = (amount: number, share = 1): CounterAmount => ({
  kind: "counted",
  amount,
  share: ratio(share),
});

describe("PerfPort", () => {
  it("sums what happened on every processor, each event in its unit", () => {
    const { perf, clock, counters } = scene();
    expect(counters.events).toEqual(counterEvents);
    const amounts = over(counters, clock, () => {
      perf.registers.set(
        0,
        registers(10n ** 9n, 10n ** 9n, { cycles: 2_000n, taskClock: 10n ** 9n, pageFaults: 3n }),
      );
      perf.registers.set(3, registers(10n ** 8n, 10n ** 8n, { cycles: 500n, taskClock: 10n ** 8n }));
    });
    expect(amounts.get("cycles")).toEqual(counted(2_500));
    expect(amounts.get("taskClock")).toEqual({ ...counted(0), amount: expect.closeTo(1.1, 9) as unknown });
    expect(amounts.get("pageFaults")).toEqual(counted(3));
    expect(amounts.get("contextSwitches")).toEqual(counted(0));
  });

  it("tells what really happened where a processor counts now and then, across any wrap (C2, C3)", () => {
    const place = fc.record({
      start: fc.bigInt({ min: 0n, max: WRAP - 1n }),
      running: fc.bigInt({ min: 1n, max: 200_000_000n }),
      factor: fc.bigInt({ min: 1n, max: 5n }),
      counts: fc.bigInt({ min: 0n, max: 10n ** 12n }),
    });
    fc.assert(
      fc.property(fc.tuple(place, place), (places) => {
        const { perf, clock, counters } = scene(undefined, ["cycles"]);
        const set = (isAfter: boolean): void => {
          for (const [index, { start, running, factor, counts }] of places.entries()) {
            const by = (amount: bigint): bigint => start + (isAfter ? amount : 0n);
            perf.registers.set(
              [0, 3][index] ?? 0,
              registers(by(running * factor), by(running), { cycles: by(counts) }),
            );
          }
        };
        set(false);
        const amount = over(counters, clock, () => set(true)).get("cycles");
        const sum = (of: (one: (typeof places)[number]) => bigint): number =>
          Number(places.map(of).reduce((a, b) => a + b));
        const happened = sum(({ counts, factor }) => counts * factor);
        const share = sum(({ running }) => running) / sum(({ running, factor }) => running * factor);
        expect(amount).toEqual({
          kind: "counted",
          amount: expect.closeTo(happened, -3) as unknown,
          share: expect.closeTo(share, 9) as unknown,
        });
      }),
    );
  });

  it("counts in several groups where a processor has too few counters", () => {
    const { perf, clock, counters } = scene((fake) => (fake.slots = 3));
    expect(counters.events).toEqual(counterEvents);
    // Four events that count together want two groups then.
    const leaders = [...perf.opened.values()].filter(({ cpu, leader }) => cpu === 0 && leader === -1);
    expect(leaders.map(({ event }) => event)).toEqual([
      "cycles",
      "cacheMisses",
      "stalledFrontend",
      "taskClock",
    ]);
    const amounts = over(counters, clock, () => {
      perf.registers.set(0, registers(4n, 4n, { instructions: 7n, cacheMisses: 9n }));
    });
    expect([amounts.get("instructions"), amounts.get("cacheMisses")]).toEqual([counted(7), counted(9)]);
  });

  it("names what it cannot count, event by event, and counts the rest (C1)", () => {
    const { ENOENT, EACCES, EMFILE } = constants.errno;
    const { perf, clock, counters } = scene((fake) => {
      for (const [event, error] of [
        ["cycles", EACCES],
        ["stalledFrontend", ENOENT],
        ["pageFaults", EMFILE],
      ] as const)
        fake.refused.set(event, error);
    });
    expect(counters.events).toEqual(
      counterEvents.filter((event) => !["cycles", "stalledFrontend", "pageFaults"].includes(event)),
    );
    const amounts = over(counters, clock, () => {
      perf.registers.set(0, registers(4n, 4n, { instructions: 7n }));
    });
    const reason = (event: CounterEvent): string => reasonIn(amounts, event);
    expect(reason("cycles")).toMatch(/perf_event_paranoid is -?\d/);
    expect(reason("stalledFrontend")).toContain("does not count it");
    expect(reason("pageFaults")).toContain("too many files");
    expect(amounts.get("instructions")).toEqual(counted(7));
  });

  it("makes up no amount where a counter had no turn, the kernel's times are impossible or it gives none (C1)", () => {
    const { perf, clock, counters } = scene();
    const cycles = (now: FakeRegisters): CounterAmounts =>
      over(counters, clock, () => perf.registers.set(0, now));
    expect(reasonIn(cycles(registers(5n, 0n, {})), "cycles")).toContain("taken by others");

    const impossible = cycles(registers(5n + 10n ** 13n, 10n, { cycles: 5n, pageFaults: 2n }));
    expect(reasonIn(impossible, "cycles")).toContain("more time than has passed");
    // Not shared out over time, so nothing is calculated with it.
    expect(impossible.get("pageFaults")).toEqual(counted(2));

    perf.isSilent = true;
    expect(reasonIn(cycles(registers(0n, 0n, {})), "pageFaults")).toContain("no count");
  });

  it("refuses snapshots in the wrong order", () => {
    const { clock, counters } = scene();
    const first = counters.snapshot();
    clock.advance(seconds(1));
    const second = counters.snapshot();
    expect(() => counters.between(second, first)).toThrow(RangeError);
  });

  it("counts no threads that have ended, and says so where all have", () => {
    const { perf, port } = scene();
    const open = (): Counters => port.open({ kind: "process", pid: process.pid }, ["cycles", "pageFaults"]);
    perf.hasEnded = (thread) => thread === process.pid;
    const others = open();
    expect(others.events).toEqual(["cycles", "pageFaults"]);
    others.close();
    perf.hasEnded = () => true;
    const none = open();
    expect(none.events).toEqual([]);
    const amounts = none.between(none.snapshot(), none.snapshot());
    expect(reasonIn(amounts, "cycles")).toContain("has ended");
    none.close();
  });

  it("says why there is nothing to count", () => {
    const clock = new FakeClock();
    const port = new PerfPort(clock, () => ({ kind: "available", calls: new FakePerf() }));
    const nothing = [
      [
        port.open({ kind: "cgroup", folder: "/nowhere/at/all", cpus: [0] }),
        /cgroup cannot be opened: .*nowhere/,
      ],
      [port.open({ kind: "cgroup", folder: "/proc/self", cpus: [] }), /no processor/],
      [port.open({ kind: "process", pid: 2 ** 30 }), /no process/],
      [
        new PerfPort(clock, () => ({ kind: "unavailable", reason: "not on this moon" })).open({
          kind: "process",
          pid: 1,
        }),
        /not on this moon/,
      ],
    ] as const;
    for (const [counters, reason] of nothing) {
      expect(counters.events).toEqual([]);
      const amounts = over(counters, clock, () => undefined);
      for (const event of counterEvents) expect(reasonIn(amounts, event)).toMatch(reason);
      counters.close();
    }
  });
});
