import { gigahertz, type Hertz } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { containing } from "../../test/command-line.ts";
import type { NodeView } from "../client/node-schemas.ts";
import { nodeClocks, settingsToVisit, whatIsMissing } from "./clock-sweep.ts";

const ghz = (...values: readonly number[]): Hertz[] => values.map(gigahertz);

interface NodeEdit {
  readonly mode?: "on" | "dry-run" | "off";
  readonly driver?: string;
  readonly core?: readonly (readonly number[])[];
  readonly uncore?: readonly (readonly number[])[];
}

/** A node whose domains have these steps; without any, the kind is not available. */
function node({
  mode = "on",
  driver = "acpi-cpufreq",
  core = [ghz(1, 2, 3)],
  uncore = [],
}: NodeEdit): NodeView {
  const kind = (steps: readonly (readonly number[])[]) => ({
    available: steps.length > 0,
    ...(steps.length > 0 ? { driver } : { reason: "no driver" }),
    domains: steps.map((stepsHertz, id) => ({ id, stepsHertz: [...stepsHertz] })),
  });
  return { clocks: { mode, core: kind(core), uncore: kind(uncore) } };
}

describe("settingsToVisit", () => {
  const grid = { core: ghz(1, 1.5, 2, 2.5, 3), uncore: ghz(1, 2) };

  it("visits the ends and what is spread between them, each with each", () => {
    const settings = settingsToVisit(grid, 3, 2);
    expect(settings).toHaveLength(6);
    expect(settings[0]).toEqual({ core: gigahertz(1), uncore: gigahertz(1) });
    expect(settings.map(({ core }) => core)).toEqual(ghz(1, 1, 2, 2, 3, 3));
    expect(settings.at(-1)).toEqual({ core: gigahertz(3), uncore: gigahertz(2) });
  });

  it("visits all where more are asked for, the highest where one is, and none of an uncore that cannot be set", () => {
    expect(settingsToVisit(grid, 99, 99)).toHaveLength(10);
    expect(settingsToVisit(grid, 1, 1)).toEqual([{ core: gigahertz(3), uncore: gigahertz(2) }]);
    expect(settingsToVisit({ ...grid, uncore: [] }, 2, 3)).toEqual([
      { core: gigahertz(1), uncore: undefined },
      { core: gigahertz(3), uncore: undefined },
    ]);
  });
});

describe("nodeClocks", () => {
  it("offers the steps that all domains have, and sets all domains alike", () => {
    const { grid, wishFor } = nodeClocks(node({ core: [ghz(1, 2, 3), ghz(2, 3, 4)], uncore: [ghz(1, 2)] }));
    expect(grid).toEqual({ core: ghz(2, 3), uncore: ghz(1, 2) });
    expect(wishFor({ core: gigahertz(2), uncore: gigahertz(1) })).toEqual({
      core: [
        { domain: 0, hertz: 2e9 },
        { domain: 1, hertz: 2e9 },
      ],
      uncore: [{ domain: 0, hertz: 1e9 }],
    });
    expect(wishFor({ core: gigahertz(2), uncore: undefined }).uncore).toEqual([]);
  });
});

describe("whatIsMissing", () => {
  const incapable: readonly (readonly [NodeEdit, readonly unknown[]])[] = [
    [{}, []],
    [{ core: [] }, ["Core clocks: no driver"]],
    [{ mode: "dry-run", driver: "reference" }, [containing("no cpufreq")]],
    [{ core: [ghz(2)] }, ["Core clocks: there is only one to choose"]],
    [{ core: [ghz(1, 2), ghz(3, 4)] }, ["Core clocks: there is only one to choose"]],
  ];

  it.each(incapable)("names what keeps a machine from being calibrated: %j", (edit, missing) => {
    expect(whatIsMissing(node(edit))).toEqual(missing);
  });

  it.each(["off", "dry-run"] as const)("wants clocks that are really set: %s", (mode) => {
    expect(whatIsMissing(node({ mode })).join()).toContain("frugal up --clocks on");
  });
});
