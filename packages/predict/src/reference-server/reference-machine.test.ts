import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gigahertz, gridSetting, gridSize } from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseReferenceClocks, referenceClocksFile } from "./reference-clocks.ts";
import { ReferenceMachine } from "./reference-machine.ts";
import { meanShares } from "./time-shares.ts";

const shipped = fileURLToPath(new URL(`../../../../${referenceClocksFile}`, import.meta.url));
const clocks = parseReferenceClocks(readFileSync(shipped, "utf8"));
const machine = new ReferenceMachine(clocks);
const sharesOf = (name: string) =>
  clocks.classes.find(({ example }) => example === name)?.shares ?? machine.defaultShares;

describe("the shipped reference machine", () => {
  it("has the 252 settings of the paper's servers", () => {
    expect(machine.grid.core).toHaveLength(14);
    expect(machine.grid.uncore).toHaveLength(18);
    expect(machine.grid.core.at(-1)).toBe(gigahertz(2.5));
    expect(gridSetting(machine.grid, gridSize(machine.grid) - 1)).toEqual(machine.highest);
  });

  it("says what the paper published: 23.5 % of power, and each function's latencies", () => {
    const lowestUncore = { ...machine.highest, uncore: gigahertz(1.2) };
    const socketPower = (setting: typeof lowestUncore): number =>
      machine.staticPower / machine.sockets + machine.executionPower(2, setting);
    expect(1 - socketPower(lowestUncore) / socketPower(machine.highest)).toBeCloseTo(0.235, 3);

    const lowestCore = { ...machine.highest, core: gigahertz(1.2) };
    const video = sharesOf("video-processing");
    expect(1 - 1 / machine.stretch(video, lowestCore)).toBeCloseTo(0.5, 3);
    expect(machine.stretch(video, lowestUncore) - 1).toBeCloseTo(0.1, 3);
    const thumbnail = sharesOf("thumbnailer");
    expect(1 - 1 / machine.stretch(thumbnail, lowestCore)).toBeCloseTo(0.3, 3);
    expect(machine.stretch(thumbnail, lowestUncore) - 1).toBeCloseTo(0.003, 3);
    for (const { published, model } of clocks.published) expect(model).toBeCloseTo(published, 3);
  });

  it("is a plausible server: idle and full load are those of the published one", () => {
    const idle = machine.staticPower / 2 + machine.uncorePower(gigahertz(1.2));
    expect(idle).toBeCloseTo(46.9 / 2, 1);
    const full =
      machine.staticPower / 2 +
      machine.uncorePower(machine.highest.uncore) +
      18 * machine.corePower(machine.highest.core);
    expect(full).toBeCloseTo(272 / 2, 1);
  });

  it("takes work of an unknown kind for the mean of the known ones", () => {
    const mean = meanShares(clocks.classes.map(({ shares }) => shares));
    expect(machine.defaultShares.core).toBeCloseTo(mean.core, 3);
    expect(machine.stretch(machine.defaultShares, machine.highest)).toBeCloseTo(1, 12);
  });

  it("draws more and takes no longer at a higher clock (S1, S2)", () => {
    const setting = fc.integer({ min: 0, max: gridSize(machine.grid) - 1 });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(setting, setting, share, share, (a, b, first, second) => {
        const core = first * second;
        const shares = { core, uncore: first - core, memory: 1 - first };
        const [x, y] = [gridSetting(machine.grid, a), gridSetting(machine.grid, b)];
        if (x.core > y.core || (x.uncore ?? 0) > (y.uncore ?? 0)) return;
        expect(machine.executionPower(2, x)).toBeLessThanOrEqual(machine.executionPower(2, y));
        expect(machine.stretch(shares, x)).toBeGreaterThanOrEqual(machine.stretch(shares, y) - 1e-12);
        expect(machine.stretch(shares, machine.highest)).toBeCloseTo(1, 12);
      }),
    );
  });

  it("takes an uncore that cannot be set to run at its highest clock", () => {
    const setting = { core: gigahertz(1.8), uncore: undefined };
    const same = { core: gigahertz(1.8), uncore: machine.highest.uncore };
    expect(machine.executionPower(1, setting)).toBe(machine.executionPower(1, same));
    expect(machine.stretch(machine.defaultShares, setting)).toBe(
      machine.stretch(machine.defaultShares, same),
    );
  });
});

describe("parseReferenceClocks", () => {
  it.each([
    ["no JSON", "{"],
    ["no object", "3"],
    ["a lacking field", JSON.stringify({ ...clocks, sockets: undefined })],
    ["a negative power", JSON.stringify({ ...clocks, core: { ...clocks.core, constantWatts: -1 } })],
    [
      "shares that are not 1 together",
      JSON.stringify({ ...clocks, defaultShares: { core: 1, uncore: 1, memory: 0 } }),
    ],
  ])("refuses %s and says how to get the file back", (_, text) => {
    expect(() => parseReferenceClocks(text)).toThrow("frugal derive reference-clocks --from freq_power.csv");
  });
});
