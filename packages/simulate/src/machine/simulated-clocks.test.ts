import { type ClockGrid, gigahertz } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { clocksOfShape } from "./machine-shape.ts";
import { SimulatedClocks } from "./simulated-clocks.ts";

const grid: ClockGrid = {
  core: [1.2, 1.8, 2.2].map(gigahertz),
  uncore: [1.2, 2, 2.9].map(gigahertz),
};
const shape = { sockets: 2, coresPerSocket: 3, threadsPerCore: 2 };

describe("SimulatedClocks", () => {
  it("rests at the highest clock", () => {
    const port = new SimulatedClocks(clocksOfShape(shape, grid));
    port.setCore(2, gigahertz(1.2));
    port.restore();
    expect(port.readCore(2)).toEqual({ kind: "clock", hertz: gigahertz(2.2) });
    expect(port.readUncore(1)).toEqual({ kind: "clock", hertz: gigahertz(2.9) });
  });
});

describe("clocksOfShape()", () => {
  it("gives each core and each socket a clock, with the processors that Linux would number so", () => {
    const { core, uncore } = clocksOfShape(shape, grid);
    expect(core.map(({ cpus, socket }) => [socket, ...cpus])).toEqual([
      [0, 0, 6],
      [0, 1, 7],
      [0, 2, 8],
      [1, 3, 9],
      [1, 4, 10],
      [1, 5, 11],
    ]);
    expect(uncore.map(({ cpus }) => cpus)).toEqual([
      [0, 1, 2, 6, 7, 8],
      [3, 4, 5, 9, 10, 11],
    ]);
  });
});
