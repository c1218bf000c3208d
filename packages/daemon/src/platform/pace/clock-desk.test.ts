import { gigahertz, seconds } from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FakeClocks, fakeSteps } from "../../../test/fake-clocks.ts";
import { ManualClock } from "../../../test/manual-clock.ts";
import { ClockDesk, type ClockOrder } from "./clock-desk.ts";

const order = (domain: number, clock: number, kind: ClockOrder["kind"] = "core"): ClockOrder => ({
  kind,
  domain,
  clock: gigahertz(clock),
});

describe("ClockDesk", () => {
  it("sets what the control plane says, and tells whether it is in force", () => {
    const clocks = new FakeClocks();
    const desk = new ClockDesk(clocks, new ManualClock());
    expect(desk.stateOf(undefined)).toBe("left");
    desk.carryOut(order(0, 2));
    expect(desk.stateOf(undefined)).toBe("set");
    clocks.outcome = { kind: "failed", reason: "busy" };
    desk.carryOut(order(0, 3, "uncore"));
    expect(desk.stateOf(undefined)).toBe("failed");
    expect(clocks.log).toEqual(["core 0 2", "uncore 0 3"]);
  });

  it("notes commands while the clocks are held from outside, and sets the latest afterwards (K1)", () => {
    const clocks = new FakeClocks();
    const desk = new ClockDesk(clocks, new ManualClock());
    desk.carryOut(order(0, 1));
    expect(desk.hold([order(1, 3)], seconds(60))).toEqual([{ kind: "set" }]);
    desk.carryOut(order(0, 2));
    desk.carryOut(order(0, 3));
    expect(desk.stateOf(undefined)).toBe("held");
    desk.release();
    desk.release();
    expect(clocks.log).toEqual(["core 0 1", "core 1 3", "restore", "core 0 3"]);
    expect(desk.stateOf(undefined)).toBe("set");
  });

  it("ends a hold that is not renewed (K2)", () => {
    const clock = new ManualClock();
    const clocks = new FakeClocks();
    const desk = new ClockDesk(clocks, clock);
    desk.hold([order(0, 3)], seconds(60));
    clock.advance(seconds(50));
    desk.hold([order(0, 2)], seconds(60));
    clock.advance(seconds(50));
    expect(desk.isHeld).toBe(true);
    clock.advance(seconds(11));
    expect(desk.isHeld).toBe(false);
    expect(clocks.log.at(-1)).toBe("restore");
  });

  it("tells of each processor how its own clocks went, not how the latest command did (K3)", () => {
    const clocks = new FakeClocks();
    const desk = new ClockDesk(clocks, new ManualClock());
    clocks.outcome = { kind: "failed", reason: "busy" };
    desk.carryOut(order(0, 2));
    clocks.outcome = { kind: "set" };
    desk.carryOut(order(1, 2));
    desk.carryOut(order(0, 2, "uncore"));
    expect([[0], [1], [0, 1], undefined].map((cpus) => desk.stateOf(cpus))).toEqual([
      "failed",
      "set",
      "failed",
      "failed",
    ]);
    desk.carryOut(order(0, 3));
    expect(desk.stateOf([0])).toBe("set");
  });

  it("holds nothing once it is closed, for nobody would end it", () => {
    const clock = new ManualClock();
    const desk = new ClockDesk(new FakeClocks(), clock);
    desk.hold([order(0, 3)], seconds(60));
    desk.close();
    expect(desk.isHeld).toBe(false);
    desk.hold([order(0, 3)], seconds(60));
    expect(desk.isHeld).toBe(false);
  });

  it("leaves the clocks as the control plane's last commands want them, whatever happened between", () => {
    const step = fc.oneof(
      fc.record({ what: fc.constant("command" as const), domain: fc.nat(1), step: fc.nat(2) }),
      fc.record({ what: fc.constant("hold" as const), domain: fc.nat(1), step: fc.nat(2) }),
      fc.record({ what: fc.constant("release" as const), domain: fc.constant(0), step: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const clocks = new FakeClocks();
        const desk = new ClockDesk(clocks, new ManualClock());
        const wanted = new Map<number, number>();
        for (const { what, domain, step: index } of steps) {
          const clock = fakeSteps[index] ?? gigahertz(1);
          if (what === "command") {
            desk.carryOut({ kind: "core", domain, clock });
            wanted.set(domain, clock);
          } else if (what === "hold") desk.hold([{ kind: "core", domain, clock }], seconds(60));
          else desk.release();
        }
        desk.release();
        for (const domain of [0, 1]) {
          const reading = clocks.readCore(domain);
          expect(reading.kind === "clock" ? reading.hertz : undefined).toBe(wanted.get(domain));
        }
      }),
    );
  });
});
