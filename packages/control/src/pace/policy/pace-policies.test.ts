import {
  bytes,
  FrugalError,
  functionName,
  gigahertz,
  gridSetting,
  gridSize,
  ratio,
  runId,
  seconds,
} from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chain } from "../../../test/arbitrary-problem.ts";
import { GreyModel, paperGrid, type Work } from "../../../test/grey-model.ts";
import { createPacePolicy, type PacePolicyName, pacePolicyNames } from "./index.ts";
import type { PacePolicy, StageSituation } from "./pace-policy.ts";

const fn = functionName("function-0");
const known: Work = { core: 1e6, uncore: 2e8, fixed: 0.05 };
const model = new GreyModel(new Map([0, 1, 2].map((index) => [functionName(`function-${index}`), known])));
const reference = gridSetting(paperGrid, gridSize(paperGrid) - 1);

const policyOf = (name: PacePolicyName, options: Readonly<Record<string, number>> = {}): PacePolicy =>
  createPacePolicy(name, { model, reference, options });

const situation = (change: Partial<StageSituation> = {}): StageSituation => ({
  key: fn,
  payload: bytes(1000),
  grid: paperGrid,
  budget: seconds(0.8),
  slack: seconds(0),
  run: undefined,
  ...change,
});

const run = (deadline: number): NonNullable<StageSituation["run"]> => ({
  id: runId("a-run"),
  plan: { graph: chain(3), deadline: seconds(deadline), budgets: undefined },
  stage: 0,
});

const observed = (core: number, latency: number, payload = 1000): Parameters<PacePolicy["observe"]>[0] => ({
  key: fn,
  payload: bytes(payload),
  clocks: { core: gigahertz(core), uncore: gigahertz(2.9) },
  latency: seconds(latency),
  power: undefined,
  counters: new Float64Array(),
});

const withoutGovernor = pacePolicyNames.filter((name) => policyOf(name).governor === undefined);
const byModel = ["frugal", "frugal-core-only", "kypous"] as const;

describe.each(pacePolicyNames)("pace policy %s", (name) => {
  it("refuses options that it does not have", () => {
    expect(() => policyOf(name, { nonsense: 1 })).toThrow(FrugalError);
  });

  it("asks for clocks that there are, of the kinds that it says it sets", () => {
    const policy = policyOf(name);
    for (const budget of [0, 0.5, 1, 5]) {
      const { core, uncore } = policy.decide(situation({ budget: seconds(budget), run: run(2) }));
      expect(core === undefined || paperGrid.core.includes(core)).toBe(true);
      expect(uncore === undefined || paperGrid.uncore.includes(uncore)).toBe(true);
      expect(core !== undefined).toBe(policy.governor === undefined);
      expect(uncore !== undefined).toBe(policy.setsUncore);
    }
  });
});

describe.each(withoutGovernor)("pace policy %s", (name) => {
  it("gives the highest clocks to what nothing is known of, and where no deadline counts (M3)", () => {
    const policy = policyOf(name);
    for (const change of [{ key: functionName("unknown") }, { budget: undefined }]) {
      const { core, uncore } = policy.decide(situation(change));
      expect(core).toBe(reference.core);
      expect(uncore).toBe(policy.setsUncore ? reference.uncore : undefined);
    }
  });
});

describe.each(byModel)("pace policy %s", (name) => {
  const seconds01 = fc.double({ min: 0.01, max: 3, noNaN: true }).map(seconds);
  const slack = fc.double({ min: -2, max: 2, noNaN: true }).map(seconds);

  it("expects to be within the target where any setting is, for the least cost (M1, M2)", () => {
    const policy = policyOf(name);
    const [latencies, powers] = [
      new Float64Array(gridSize(paperGrid)),
      new Float64Array(gridSize(paperGrid)),
    ];
    fc.assert(
      fc.property(seconds01, slack, fc.integer({ min: 1, max: 3000 }), (budget, inHand, payload) => {
        const decision = policy.decide(
          situation({ budget, slack: inHand, payload: bytes(payload), run: run(3) }),
        );
        model.predict(fn, bytes(payload), latencies, powers);
        const settings = [...latencies.keys()].filter(
          (setting) => policy.setsUncore || gridSetting(paperGrid, setting).uncore === reference.uncore,
        );
        const latencyAt = (setting: number): number => latencies[setting] ?? NaN;
        const costAt = (setting: number): number =>
          (powers[setting] ?? NaN) * (name === "kypous" ? 1 : latencyAt(setting));
        const least = Math.min(...settings.map(latencyAt));
        const limit = least <= (decision.target ?? NaN) ? (decision.target ?? NaN) : least * 1.01;
        const cheapest = Math.min(...settings.filter((setting) => latencyAt(setting) <= limit).map(costAt));
        const { latency = NaN, energy = NaN } = decision.expected ?? {};
        expect(latency).toBeLessThanOrEqual(limit);
        expect(name === "kypous" ? energy / latency : energy).toBeCloseTo(cheapest, 9);
      }),
    );
  });

  it("is the faster the later a run is, and the slower the more time it has in hand", () => {
    const policy = policyOf(name);
    fc.assert(
      fc.property(slack, slack, (one, other) => {
        const latencyAt = (inHand: number): number =>
          policy.decide(situation({ slack: seconds(inHand), run: run(3) })).expected?.latency ?? NaN;
        const hair = 1 + 1e-12;
        expect(latencyAt(Math.min(one, other))).toBeLessThanOrEqual(latencyAt(Math.max(one, other)) * hair);
      }),
    );
  });
});

it("kypous takes the least power where there is time, frugal the least energy", () => {
  const plenty = situation({ budget: seconds(100) });
  const [thrifty, paper] = [policyOf("frugal").decide(plenty), policyOf("kypous").decide(plenty)];
  expect(paper.core).toBe(paperGrid.core[0]);
  expect(paper.uncore).toBe(paperGrid.uncore[0]);
  expect(thrifty.expected?.energy).toBeLessThan(paper.expected?.energy ?? NaN);
});

describe("gemini", () => {
  it("takes latency times clock for constant: for the whole run, whatever happens on the way", () => {
    const policy = policyOf("gemini");
    const stages = [0, 1, 2].map((index) => functionName(`function-${index}`));
    for (const name of stages) policy.observe({ ...observed(2.5, 0.4), key: name });
    policy.observe(observed(1.2, 5));
    const decide = (change: Partial<StageSituation>): number | undefined =>
      policy.decide(situation({ run: run(2), ...change })).core;
    expect(decide({})).toBe(1.5e9);
    expect(decide({ slack: seconds(-1), payload: bytes(9000) })).toBe(1.5e9);
    policy.runEnded(runId("a-run"));
    expect(decide({ run: run(1.3) })).toBe(2.4e9);
  });

  it("plus takes each function's budget", () => {
    const policy = policyOf("gemini-plus");
    policy.observe(observed(2.5, 0.4));
    expect(policy.decide(situation({ budget: seconds(0.5), slack: seconds(-9) })).core).toBe(2e9);
    expect(policy.decide(situation({ budget: seconds(0.3) })).core).toBe(2.5e9);
  });
});

describe("retail", () => {
  it("plus learns latency by payload at each clock, and tries lower clocks that are in time at worst", () => {
    const policy = policyOf("retail-plus");
    for (const payload of [1000, 2000, 3000]) policy.observe(observed(2.5, payload / 5000, payload));
    const coreFor = (payload: number, budget: number): number | undefined =>
      policy.decide(situation({ payload: bytes(payload), budget: seconds(budget) })).core;
    expect(coreFor(4000, 1)).toBe(2e9);
    for (const payload of [1000, 2000, 3000]) policy.observe(observed(2, payload / 4800, payload));
    // Hardly any of the time depends on the clock, as it now knows: a lower one is in time at worst.
    expect(coreFor(4000, 1)).toBe(1.7e9);
    expect(coreFor(1000, 0.21)).toBe(2e9);
  });

  it("chooses one clock for a run by averages", () => {
    const policy = policyOf("retail");
    for (const index of [0, 1, 2])
      policy.observe({ ...observed(2.5, 0.4), key: functionName(`function-${index}`) });
    expect(policy.decide(situation({ run: run(2) })).core).toBe(1.5e9);
    expect(policy.decide(situation({ run: run(2), slack: seconds(-1) })).core).toBe(1.5e9);
  });
});

describe("governors", () => {
  const steps = paperGrid.core;
  const after = (name: PacePolicyName, loads: readonly number[], start: number): number => {
    const { governor } = policyOf(name);
    let clock = gigahertz(start);
    for (const load of loads) clock = governor?.next(3, steps, clock, ratio(load)) ?? clock;
    return clock / 1e9;
  };

  it("performance and powersave hold the ends", () => {
    expect(after("performance", [0], 1.2)).toBe(2.5);
    expect(after("powersave", [1], 2.5)).toBe(1.2);
  });

  it("ondemand goes to the highest above its threshold, else in proportion to the load", () => {
    expect(after("ondemand", [0.96], 1.2)).toBe(2.5);
    expect(after("ondemand", [0.5], 2.5)).toBe(1.8);
    expect(after("ondemand", [0], 2.5)).toBe(1.2);
  });

  it("conservative moves by 5 % of the highest, also where steps are wider or narrower", () => {
    expect(after("conservative", [0.9], 1.2)).toBe(1.3);
    expect(
      after(
        "conservative",
        Array.from({ length: 20 }, () => 0.9),
        1.2,
      ),
    ).toBe(2.5);
    expect(after("conservative", [0.5, 0.5], 1.8)).toBe(1.8);
    expect(after("conservative", [0.1], 2.5)).toBe(2.4);
    expect(
      after(
        "conservative",
        Array.from({ length: 20 }, () => 0),
        2.5,
      ),
    ).toBe(1.2);
  });

  it("schedutil gives a quarter more than the utilisation needs, at whichever clock it was measured", () => {
    const long = Array.from({ length: 100 }, () => 0.5);
    expect(after("schedutil", long, 2.5)).toBe(1.2);
    expect(
      after(
        "schedutil",
        Array.from({ length: 100 }, () => 1),
        1.2,
      ),
    ).toBe(2.5);
    expect(after("schedutil", [1], 2.5)).toBe(1.2);
  });
});
