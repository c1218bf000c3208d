import { ratio, seconds } from "@frugal/core";
import type { CounterAmount, CounterEvent, CounterPort, Counters, CounterTarget } from "@frugal/machine";
import { hardwareCounters, softwareCounters } from "@frugal/predict";
import { describe, expect, it } from "vitest";
import { WorkMeter } from "./work-meter.ts";

const hardware: readonly CounterEvent[] = ["cycles", "instructions", "cacheReferences", "cacheMisses"];

/** Counts `step` of everything that is countable between any two snapshots. */
function fakePort(countable: readonly CounterEvent[], step = 10) {
  const opened: CounterTarget[] = [];
  let isClosed = false;
  const port: CounterPort = {
    open(target, events = []): Counters {
      opened.push(target);
      const amounts = new Map(
        events.map((event, index): [CounterEvent, CounterAmount] => [
          event,
          countable.includes(event)
            ? { kind: "counted", amount: step * (index + 1), share: ratio(1) }
            : { kind: "unavailable", reason: "not in this processor" },
        ]),
      );
      return {
        events: countable,
        snapshot: () => ({ time: seconds(0), registers: [] }),
        between: () => amounts,
        close: () => {
          isClosed = true;
        },
      };
    },
  };
  return { port, opened, isClosed: () => isClosed };
}

describe("WorkMeter", () => {
  it("counts by the processor where that can be read, for instances that are bound to processors", () => {
    const { port, opened, isClosed } = fakePort([...hardware, "stalledFrontend"]);
    const meter = new WorkMeter(port, [...hardware, "stalledFrontend"]);
    expect(meter.set).toBe(hardwareCounters);
    expect(meter.attach("/cgroup/a", undefined)).toBeUndefined();
    expect(meter.attach(undefined, [0])).toBeUndefined();
    const work = meter.attach("/cgroup/a", [0, 1]);
    expect(opened).toEqual([{ kind: "cgroup", folder: "/cgroup/a", cpus: [0, 1] }]);
    // Stalls of the front end stand in for those of the back end, which this processor does not count.
    expect(work?.end(work.begin())).toEqual(Float64Array.of(10, 20, 30, 40, 60));
    work?.close();
    expect(isClosed()).toBe(true);
  });

  it("says NaN of what was not counted", () => {
    const work = new WorkMeter(fakePort(hardware).port, hardware).attach("/cgroup/a", [0]);
    expect(work?.end(work.begin()).at(-1)).toBeNaN();
  });

  it("goes by what instances report where the processor's counters cannot be read", () => {
    const { port, opened } = fakePort(["taskClock"]);
    const meter = new WorkMeter(port, ["taskClock", "pageFaults"]);
    expect(meter.set).toBe(softwareCounters);
    expect(meter.attach("/cgroup/a", [0])).toBeUndefined();
    expect(new WorkMeter(undefined, hardware).set).toBe(softwareCounters);
    expect(opened).toEqual([]);
  });
});
