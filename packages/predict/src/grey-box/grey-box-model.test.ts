import {
  bytes,
  type ClockSetting,
  FrugalError,
  functionName,
  gigahertz,
  gridSetting,
  gridSize,
  type Random,
  seconds,
  seededRandom,
  type StageKey,
  stageKey,
  watts,
} from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CounterSet, hardwareCounters, softwareCounters } from "../counters/counter-set.ts";
import type { StageObservation } from "../stage-model.ts";
import { GreyBoxModel } from "./grey-box-model.ts";

const tenths = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => gigahertz((from + i) / 10));
const grid = { core: tenths(12, 25), uncore: tenths(12, 29) };
const settings = Array.from({ length: gridSize(grid) }, (_, at) => gridSetting(grid, at));
const highest: ClockSetting = { core: gigahertz(2.5), uncore: gigahertz(2.9) };

/** Seconds at the highest clocks of a megabyte, by part, and of waiting; what the machine really does. */
interface Truth {
  readonly core: number;
  readonly uncore: number;
  readonly memory: number;
  readonly waiting: number;
}

const truths: Readonly<Record<string, Truth>> = {
  video: { core: 0.9, uncore: 0.05, memory: 0.05, waiting: 0.02 },
  thumbnail: { core: 0.4, uncore: 0.05, memory: 0.3, waiting: 0.25 },
  search: { core: 0.3, uncore: 0.3, memory: 0.4, waiting: 0 },
  page: { core: 0.05, uncore: 0.01, memory: 0.01, waiting: 0.1 },
};

function truthOf(name: string): Truth {
  const truth = truths[name];
  if (truth === undefined) throw new Error(`No truth about ${name}`);
  return truth;
}

const coreShare = ({ core }: ClockSetting): number => core / highest.core;
const uncoreShare = ({ uncore }: ClockSetting): number => (uncore ?? 2.9e9) / 2.9e9;

const trueTime = (truth: Truth, megabytes: number, at: ClockSetting): number =>
  megabytes * (truth.core / coreShare(at) + truth.uncore / uncoreShare(at) + truth.memory) + truth.waiting;

const truePower = (truth: Truth, megabytes: number, at: ClockSetting): number => {
  const [x, u] = [coreShare(at), uncoreShare(at)];
  const busy = 1 - truth.waiting / trueTime(truth, megabytes, highest);
  return busy * (1 + 6 * x * (0.4 + 0.6 * x) ** 2) + 2 + 9 * u * (0.7 + 0.3 * u) ** 2;
};

/** An execution as it would be seen, `noise` being a share of its time. */
function seen(
  set: CounterSet,
  name: string,
  at: ClockSetting,
  { megabytes, noise }: { readonly megabytes: number; readonly noise: number } = { megabytes: 1, noise: 0 },
): StageObservation {
  const truth = truthOf(name);
  const latency = trueTime(truth, megabytes, at) * (1 + noise);
  const busy = latency - truth.waiting * (1 + noise);
  const counters = set.isHardware
    ? [
        busy * at.core,
        megabytes * truth.core * 4e9,
        megabytes * truth.uncore * 1e8,
        megabytes * truth.memory * 2e7,
        NaN,
      ]
    : [busy, 100, megabytes * 1e6];
  return {
    key: functionName(name),
    payload: bytes(megabytes * 1e6),
    clocks: at,
    latency: seconds(latency),
    power: watts(truePower(truth, megabytes, at)),
    counters: Float64Array.from(counters),
  };
}

const anySetting = (random: Random): ClockSetting =>
  gridSetting(grid, Math.floor(random.next() * settings.length));

const modelOf = (set: CounterSet): GreyBoxModel =>
  new GreyBoxModel({ grid, counters: set, prior: undefined });

function trained(set: CounterSet, names: readonly string[], rounds: number, noise = 0.1): GreyBoxModel {
  const random = seededRandom(11);
  const model = modelOf(set);
  for (let i = 0; i < rounds; i++)
    for (const name of names) {
      const size = { megabytes: 0.5 + 2 * random.next(), noise: noise * (random.next() - 0.5) };
      model.observe(seen(set, name, anySetting(random), size));
    }
  return model;
}

interface Surface {
  readonly latencies: Float64Array;
  readonly powers: Float64Array;
}

function predicted(model: GreyBoxModel, name: string, megabytes: number): Surface {
  const surface = {
    latencies: new Float64Array(gridSize(model.grid)),
    powers: new Float64Array(gridSize(model.grid)),
  };
  expect(model.predict(functionName(name), bytes(megabytes * 1e6), surface.latencies, surface.powers)).toBe(
    true,
  );
  return surface;
}

/** Mean of |predicted / true - 1| over the grid. */
function errorOf(values: Float64Array, truth: (at: ClockSetting) => number): number {
  return (
    settings.reduce((sum, at, i) => sum + Math.abs((values[i] ?? 0) / truth(at) - 1), 0) / settings.length
  );
}

const sets = [softwareCounters, hardwareCounters] as const;
const names = Object.keys(truths);

describe("GreyBoxModel", () => {
  it.each(sets)("finds latency and power of functions whose clocks varied, with $name counters", (set) => {
    const model = trained(set, names, 150);
    for (const [name, truth] of Object.entries(truths)) {
      const { latencies, powers } = predicted(model, name, 1.3);
      expect(errorOf(latencies, (at) => trueTime(truth, 1.3, at))).toBeLessThan(0.05);
      expect(errorOf(powers, (at) => truePower(truth, 1.3, at))).toBeLessThan(0.07);
      expect(model.deviation(functionName(name))).toBeLessThan(0.06);
    }
    expect(model.fitQuality()).toMatchObject({ coreSplit: "fitted", uncoreSplit: "fitted", power: "fitted" });
  });

  it("tells by hardware counters how a function scales that was seen once, at the highest clocks", () => {
    const model = trained(hardwareCounters, ["video", "thumbnail", "page"], 150);
    model.observe(seen(hardwareCounters, "search", highest));
    const { latencies } = predicted(model, "search", 1);
    expect(errorOf(latencies, (at) => trueTime(truthOf("search"), 1, at))).toBeLessThan(0.15);
  });

  it("is right at the clocks it has seen, and says that the split is assumed, where clocks never varied", () => {
    const model = modelOf(softwareCounters);
    for (let i = 0; i < 60; i++)
      model.observe({ ...seen(softwareCounters, "video", highest), clocks: undefined, power: undefined });
    expect(predicted(model, "video", 1).latencies.at(-1)).toBeCloseTo(1.02, 2);
    const quality = model.fitQuality();
    expect(quality).toMatchObject({
      coreSplit: "assumed",
      uncoreSplit: "assumed",
      power: "assumed",
      executions: 60,
    });
    expect(quality.statements.join(" ")).toMatch(
      /core clock is assumed.*Power is assumed.*No hardware performance/,
    );
  });

  it("takes time without a busy processor for the same at every clock", () => {
    const model = modelOf(softwareCounters);
    const sleeper: StageObservation = {
      ...seen(softwareCounters, "video", highest),
      latency: seconds(2),
      counters: Float64Array.of(0.001, 0, 100),
    };
    for (let i = 0; i < 5; i++) model.observe(sleeper);
    const { latencies } = predicted(model, "video", 1);
    expect((latencies[0] ?? 0) / (latencies.at(-1) ?? 1)).toBeLessThan(1.01);
  });

  it("follows parallel functions, whose processors are busy for longer than they take", () => {
    const model = modelOf(softwareCounters);
    const parallel = {
      ...seen(softwareCounters, "video", highest),
      latency: seconds(1),
      counters: Float64Array.of(4, 0, 1e6),
    };
    for (let i = 0; i < 20; i++) model.observe(parallel);
    expect(predicted(model, "video", 1).latencies.at(-1)).toBeCloseTo(1, 1);
  });

  it("is not led astray by a few executions that took far too long", () => {
    const model = modelOf(softwareCounters);
    for (let i = 0; i < 30; i++) {
      const usual = seen(softwareCounters, "video", highest);
      model.observe(i % 10 === 9 ? { ...usual, latency: seconds(60) } : usual);
    }
    expect(predicted(model, "video", 1).latencies.at(-1)).toBeLessThan(3);
  });

  it("predicts nothing of functions it has not seen or has forgotten", () => {
    const model = modelOf(softwareCounters);
    const fn = functionName("video");
    const out = new Float64Array(settings.length);
    expect(model.predict(fn, bytes(1), out, out)).toBe(false);
    model.observe(seen(softwareCounters, "video", highest));
    expect([model.typical(fn), model.deviation(fn)]).toEqual([{ key: fn, payload: 1e6 }, undefined]);
    model.forget(fn);
    expect(model.predict(fn, bytes(1), out, out)).toBe(false);
    expect([model.typical(fn), model.deviation(fn)]).toEqual([undefined, undefined]);
  });

  it("does not mix variants: each is predicted as if there were no others", () => {
    const zip = functionName("video");
    const [fast, thorough] = [stageKey(zip, "level=1"), stageKey(zip, "level=9")];
    const model = modelOf(softwareCounters);
    const light = { ...seen(softwareCounters, "page", highest), key: fast };
    const heavy = { ...seen(softwareCounters, "video", highest), key: thorough };
    for (let i = 0; i < 20; i++) {
      model.observe(light);
      if (i % 2 === 0) model.observe(heavy);
    }
    const topOf = (key: StageKey): number | undefined => {
      const latencies = new Float64Array(settings.length);
      const isKnown = model.predict(key, bytes(1e6), latencies, new Float64Array(settings.length));
      return isKnown ? latencies.at(-1) : undefined;
    };
    expect(topOf(fast)).toBeCloseTo(light.latency, 2);
    expect(topOf(thorough)).toBeCloseTo(heavy.latency, 2);
    expect(topOf(zip)).toBeUndefined();
    expect(model.typical(zip)).toEqual({ key: fast, payload: 1e6 });
    model.forget(zip);
    expect([topOf(fast), topOf(thorough), model.typical(zip)]).toEqual([undefined, undefined, undefined]);
  });

  it("takes what has too many variants for executions of the function without any (V1)", () => {
    const model = modelOf(softwareCounters);
    const fn = functionName("page");
    const run = seen(softwareCounters, "page", highest);
    for (let i = 0; i < 40; i++) model.observe({ ...run, key: stageKey(fn, `request=${i}`) });
    expect(model.keyFor(stageKey(fn, "request=31"))).toBe("page?request=31");
    expect(model.keyFor(stageKey(fn, "request=32"))).toBe(fn);
    expect(model.toJSON().functions).toHaveLength(33);
    expect(predicted(model, "page", 1).latencies.at(-1)).toBeCloseTo(run.latency, 2);
  });

  it("refuses what is no execution, and arrays that are too short", () => {
    const model = modelOf(softwareCounters);
    const good = seen(softwareCounters, "video", highest);
    expect(() => model.observe({ ...good, latency: seconds(0) })).toThrow("must be positive");
    expect(() => model.observe({ ...good, counters: new Float64Array(2) })).toThrow(
      'not those of the set "software"',
    );
    expect(() => model.predict(good.key, good.payload, new Float64Array(2), new Float64Array(252))).toThrow(
      "252 settings do not fit",
    );
  });

  it("works where the uncore clock cannot be set", () => {
    const model = new GreyBoxModel({
      grid: { core: grid.core, uncore: [] },
      counters: softwareCounters,
      prior: undefined,
    });
    const random = seededRandom(3);
    for (let i = 0; i < 100; i++) {
      const { core } = anySetting(random);
      model.observe(seen(softwareCounters, "video", { core, uncore: undefined }));
    }
    const { latencies } = predicted(model, "video", 1);
    expect(latencies).toHaveLength(14);
    for (const [i, core] of grid.core.entries())
      expect(latencies[i]).toBeCloseTo(trueTime(truthOf("video"), 1, { core, uncore: undefined }), 1);
  });
});

const execution = fc.record({
  name: fc.constantFrom("a", "b"),
  variant: fc.constantFrom("", "x=1"),
  payload: fc.integer({ min: 0, max: 1e7 }),
  setting: fc.option(fc.integer({ min: 0, max: settings.length - 1 }), { nil: undefined }),
  latency: fc.double({ min: 1e-4, max: 100, noNaN: true }),
  power: fc.option(fc.double({ min: 0, max: 200, noNaN: true }), { nil: undefined }),
  counters: fc.tuple(
    fc.oneof(fc.constant(NaN), fc.double({ min: 0, max: 100, noNaN: true })),
    fc.oneof(fc.constant(NaN), fc.double({ min: 0, max: 1e5, noNaN: true })),
    fc.double({ min: 0, max: 1e7, noNaN: true }),
  ),
});
const executions = fc.array(execution, { minLength: 1, maxLength: 50 });

type Execution = typeof executions extends fc.Arbitrary<(infer E)[]> ? E : never;

const observationOf = ({ name, variant, setting, ...seenOf }: Execution): StageObservation => ({
  key: stageKey(functionName(name), variant),
  payload: bytes(seenOf.payload),
  clocks: setting === undefined ? undefined : gridSetting(grid, setting),
  latency: seconds(seenOf.latency),
  power: seenOf.power === undefined ? undefined : watts(seenOf.power),
  counters: Float64Array.from(seenOf.counters),
});

function replay(model: GreyBoxModel, list: readonly Execution[]): void {
  for (const each of list) model.observe(observationOf(each));
}

const surfaceOf = (
  model: GreyBoxModel,
  name: string,
  payload: number,
  variant = "",
): readonly [boolean, Float64Array, Float64Array] => {
  const latencies = new Float64Array(gridSize(model.grid));
  const powers = new Float64Array(gridSize(model.grid));
  const key = stageKey(functionName(name), variant);
  return [model.predict(key, bytes(payload), latencies, powers), latencies, powers];
};

describe("GreyBoxModel, whatever it has seen", () => {
  it("never predicts more latency at a higher clock, nor less power (G1)", () => {
    fc.assert(
      fc.property(executions, fc.integer({ min: 0, max: 2e7 }), (list, payload) => {
        const model = modelOf(softwareCounters);
        replay(model, list);
        const [, latencies, powers] = surfaceOf(model, list[0]?.name ?? "", payload, list[0]?.variant);
        for (let at = 0; at < settings.length; at++) {
          expect(latencies[at]).toBeGreaterThan(0);
          for (const higher of [
            at + grid.uncore.length,
            (at + 1) % grid.uncore.length === 0 ? Infinity : at + 1,
          ]) {
            if (higher >= settings.length) continue;
            expect(latencies[higher]).toBeLessThanOrEqual((latencies[at] ?? 0) * (1 + 1e-12));
            expect(powers[higher]).toBeGreaterThanOrEqual((powers[at] ?? 0) * (1 - 1e-12));
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it("fills a grid with what each setting has by itself (G2)", () => {
    const model = trained(softwareCounters, names, 40);
    const whole = predicted(model, "search", 2);
    const state: unknown = JSON.parse(JSON.stringify(model));
    // The same model with grids of few settings that keep the highest clocks.
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 16 }), (core, uncore) => {
        const few = { core: [grid.core[core] ?? 0, 2.5e9], uncore: [grid.uncore[uncore] ?? 0, 2.9e9] };
        const small = GreyBoxModel.fromJSON(state, {
          grid: {
            core: few.core.map((value) => gigahertz(value / 1e9)),
            uncore: few.uncore.map((value) => gigahertz(value / 1e9)),
          },
          counters: softwareCounters,
          prior: undefined,
        });
        const [, latencies, powers] = surfaceOf(small, "search", 2e6);
        expect(latencies[0]).toBeCloseTo(whole.latencies[core * 18 + uncore] ?? NaN, 9);
        expect(powers[0]).toBeCloseTo(whole.powers[core * 18 + uncore] ?? NaN, 9);
      }),
      { numRuns: 20 },
    );
  });

  it("is the same for the same executions, asked in between or not, and through JSON (G3)", () => {
    fc.assert(
      fc.property(executions, executions, (before, after) => {
        const [quiet, asked] = [modelOf(softwareCounters), modelOf(softwareCounters)];
        replay(quiet, before);
        for (const each of before) {
          asked.observe(observationOf(each));
          surfaceOf(asked, each.name, each.payload / 2, each.variant);
        }
        const restored = GreyBoxModel.fromJSON(JSON.parse(JSON.stringify(quiet)), {
          grid,
          counters: softwareCounters,
          prior: undefined,
        });
        for (const model of [quiet, asked, restored]) replay(model, after);
        for (const name of ["a", "b"]) {
          for (const variant of ["", "x=1"]) {
            const expected = surfaceOf(quiet, name, 5e5, variant);
            expect(surfaceOf(asked, name, 5e5, variant)).toEqual(expected);
            expect(surfaceOf(restored, name, 5e5, variant)).toEqual(expected);
          }
          expect(restored.typical(functionName(name))).toEqual(quiet.typical(functionName(name)));
        }
      }),
      { numRuns: 50 },
    );
  });

  it("refuses JSON that is no model, or one for other clocks or counters", () => {
    const state: unknown = JSON.parse(JSON.stringify(trained(softwareCounters, ["page"], 3)));
    const options = { grid, counters: softwareCounters, prior: undefined };
    expect(() => GreyBoxModel.fromJSON({}, options)).toThrow(FrugalError);
    expect(() => GreyBoxModel.fromJSON({ ...(state as object), version: 1 }, options)).toThrow(
      "of version 1, and this platform's are of version 2\nMake it again with frugal calibrate",
    );
    expect(() => GreyBoxModel.fromJSON(state, { ...options, counters: hardwareCounters })).toThrow(
      "hardware counters",
    );
    expect(() =>
      GreyBoxModel.fromJSON(state, { ...options, grid: { core: tenths(12, 20), uncore: [] } }),
    ).toThrow("up to 2000000000 and no Hz");
    const bent = JSON.stringify(state).replace('"right":[', '"right":[1,');
    expect(() => GreyBoxModel.fromJSON(JSON.parse(bent), options)).toThrow(FrugalError);
  });
});
