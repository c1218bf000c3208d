import { ratio, seconds, seededRandom } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { chain, option } from "../../../test/arbitrary-problem.ts";
import type { ReplayedWorkflow } from "./replay.ts";
import { Replay } from "./replay.ts";
import { tuneGain, usualGainGrid } from "./tune-gain.ts";

const options = [1, 1.2, 1.5, 2].map((latency, setting) => option(latency, 4 / latency, setting));

const workflow = (change: Partial<ReplayedWorkflow> = {}): ReplayedWorkflow => ({
  graph: chain(4),
  deadline: seconds(7),
  budgets: [1.5, 1.5, 1.5, 1.5].map(seconds),
  options: [options, options, options, options],
  cost: "energy",
  deviations: [0.1, 0.1, 0.1, 0.1].map(ratio),
  delays: { share: ratio(0), time: seconds(0) },
  ...change,
});

const calm = workflow({ deviations: [0, 0, 0, 0].map(ratio) });
const flat = { a: 0, b: 0, c: 1, k0: 1 };

describe("Replay", () => {
  it("runs by the budgets where nothing varies", () => {
    const [only] = new Replay(calm, 1, seededRandom(1)).under(flat);
    expect(only?.latency).toBeCloseTo(6, 9);
    expect(only?.energy).toBeCloseTo((4 * 4) / 1.5, 9);
  });

  it("waits for the longest branch, and counts visits and repeats", () => {
    const [first, ...others] = chain(4).stages;
    const stages = [{ ...first, repeats: 2, visits: 0.5 }, ...others] as typeof calm.graph.stages;
    const edges = [
      [0, 3],
      [1, 3],
      [2, 3],
    ] as const;
    const [only] = new Replay({ ...calm, graph: { stages, edges } }, 1, seededRandom(1)).under(flat);
    expect(only?.latency).toBeCloseTo(4.5, 9);
    expect(only?.energy).toBeCloseTo((3.5 * 4) / 1.5, 9);
  });

  it("makes up for late starts where the gain says so", () => {
    const late = workflow({ deviations: calm.deviations, delays: { share: ratio(1), time: seconds(0.3) } });
    const latencyAt = (k0: number): number =>
      new Replay(late, 1, seededRandom(1)).under({ ...flat, k0 })[0]?.latency ?? NaN;
    expect(latencyAt(0)).toBeCloseTo(6 + 4 * 0.3, 9);
    expect(latencyAt(1)).toBeCloseTo(6, 9);
  });
});

describe("tuneGain", () => {
  const search = { quantile: ratio(0.95), runs: 300, grid: usualGainGrid };
  const tuned = (): ReturnType<typeof tuneGain> =>
    tuneGain(workflow(), { ...search, random: seededRandom(7) });

  it("tries the whole grid, and puts what is in time for the least energy first", () => {
    const rows = tuned();
    expect(rows).toHaveLength(3 * 3 * 5 * 5);
    const inTime = rows.filter(({ late }) => late <= 0.05);
    expect(inTime.length).toBeGreaterThan(0);
    expect(rows.slice(0, inTime.length)).toEqual(inTime);
    expect(inTime[0]?.energy).toBe(Math.min(...inTime.map(({ energy }) => energy)));
    for (const { late, latency } of rows) expect(late > 0.05).toBe(latency > 7);
  });

  it("is the same with the same seed (I7)", () => {
    expect(tuned()).toEqual(tuned());
  });
});
