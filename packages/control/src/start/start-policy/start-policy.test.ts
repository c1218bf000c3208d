import { bytes, FrugalError, joules, type Seconds, seconds, startKinds } from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kindToTry, usualExploration } from "./exploration.ts";
import { createStartPolicy, startPolicyNames } from "./index.ts";
import type { StartOption, StartSituation } from "./start-policy.ts";

const option = (kind: StartOption["kind"], change: Partial<StartOption> = {}): StartOption => ({
  kind,
  latency: seconds(1),
  service: seconds(0.1),
  cpu: seconds(1),
  memory: bytes(0),
  isMeasured: true,
  trials: 100,
  joules: joules(1),
  ...change,
});
const boot = option("boot", { latency: seconds(0.5), joules: joules(1) });
const eager = option("eager", { latency: seconds(0.2), joules: joules(0.8) });
const prefetch = option("prefetch", { latency: seconds(0.05), joules: joules(0.9) });

const situation = (change: Partial<StartSituation> = {}): StartSituation => ({
  cause: "demand",
  options: [boot, eager, prefetch],
  timeLeft: undefined,
  starts: 300,
  ...change,
});

describe.each(startPolicyNames)("start policy %s", (name) => {
  it("chooses what is offered, and a boot where nothing else is", () => {
    const policy = createStartPolicy(name);
    expect(policy.choose(situation({ options: [boot] }))).toBe("boot");
    for (const kind of ["phase", "eager", "prefetch"] as const) {
      expect(["boot", kind]).toContain(policy.choose(situation({ options: [boot, option(kind)] })));
    }
  });

  it("refuses options that it does not have", () => {
    expect(() => createStartPolicy(name, { nonsense: 1 })).toThrow(FrugalError);
  });
});

describe("cheapest-in-time", () => {
  const chosen = (change: Partial<StartSituation>): string =>
    createStartPolicy("cheapest-in-time").choose(situation(change));

  it("takes the fewest joules of those that meet the deadline", () => {
    expect(chosen({ timeLeft: seconds(10) })).toBe("eager");
    expect(chosen({ timeLeft: seconds(0.29) })).toBe("prefetch");
  });

  it("takes the fastest where none meets it", () => {
    expect(chosen({ timeLeft: seconds(0.1) })).toBe("prefetch");
    expect(chosen({ timeLeft: seconds(-1) })).toBe("prefetch");
  });

  it("takes the fastest without a deadline, of nearly equal ones the cheaper", () => {
    expect(chosen({})).toBe("prefetch");
    const close = { ...eager, latency: seconds(0.06) };
    expect(chosen({ options: [boot, close, prefetch] })).toBe("eager");
  });

  it("takes the fewest joules where nobody waits", () => {
    expect(chosen({ cause: "prewarm" })).toBe("eager");
    expect(chosen({ cause: "provisioned", options: [{ ...boot, joules: joules(0.1) }, eager] })).toBe("boot");
  });

  it("counts the first invocation: one that is slow after a quick start is not in time", () => {
    const faulting = { ...prefetch, service: seconds(0.5), joules: joules(0.1) };
    expect(chosen({ options: [boot, eager, faulting], timeLeft: seconds(0.4) })).toBe("eager");
  });
});

describe("fastest", () => {
  it("takes the first result soonest, whatever it costs", () => {
    const dear = { ...prefetch, joules: joules(100) };
    expect(createStartPolicy("fastest").choose(situation({ options: [boot, eager, dear] }))).toBe("prefetch");
  });
});

describe("exploration", () => {
  const arbitraryOption = (kind: StartOption["kind"]): fc.Arbitrary<StartOption> =>
    fc
      .record({
        latency: fc.double({ min: 0.001, max: 5, noNaN: true }).map(seconds),
        service: fc.double({ min: 0.001, max: 5, noNaN: true }).map(seconds),
        isMeasured: fc.boolean(),
        trials: fc.integer({ min: 0, max: 5 }),
      })
      .map((change) => option(kind, change));
  const arbitrarySituation = fc
    .record({
      cause: fc.constantFrom("demand", "prewarm", "provisioned"),
      options: fc.tuple(...startKinds.filter((kind) => kind !== "lazy").map(arbitraryOption)),
      timeLeft: fc.option(fc.double({ min: -1, max: 5, noNaN: true }).map(seconds), { nil: undefined }),
      starts: fc.integer({ min: 0, max: 300 }),
    })
    .map((given) => situation(given as unknown as Partial<StartSituation>));

  it("is bounded, misses no deadline and is no slower than a boot (X1, X2, X3)", () => {
    fc.assert(
      fc.property(arbitrarySituation, (given) => {
        const kind = kindToTry(given, usualExploration);
        const tried = given.options.find((candidate) => candidate.kind === kind);
        if (tried === undefined) return;
        expect(tried.trials).toBeLessThan(3 + given.starts / 100);
        if (given.cause !== "demand") return;
        const ofBoot: Seconds = given.options[0].latency;
        const latency = tried.isMeasured ? tried.latency : Math.max(tried.latency, ofBoot);
        if (given.timeLeft !== undefined) expect(latency + tried.service).toBeLessThanOrEqual(given.timeLeft);
        else expect(tried.latency).toBeLessThanOrEqual(ofBoot);
      }),
    );
  });

  it("tries the kind that was tried least, until all are known", () => {
    const trials = { boot: 3, eager: 0, prefetch: 0 };
    const order: string[] = [];
    for (;;) {
      const options = [boot, eager, prefetch].map((known) => ({
        ...known,
        trials: trials[known.kind as keyof typeof trials],
      })) as unknown as StartSituation["options"];
      const kind = kindToTry(situation({ options, starts: 0 }), usualExploration);
      if (kind === undefined) break;
      trials[kind as keyof typeof trials]++;
      order.push(kind);
    }
    expect(order).toEqual(["eager", "prefetch", "eager", "prefetch", "eager", "prefetch"]);
  });
});
