import {
  type ClockGrid,
  cores,
  type FunctionDemand,
  gigahertz,
  type MachineClocks,
  machineName,
  mebibytes,
  seededRandom,
  seconds,
  snapshotModes,
  startKinds,
  type StartOffer,
} from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { demand, machine } from "../test/shell-with.ts";
import { SimpleModel } from "../test/simple-model.ts";
import { VirtualShell } from "../test/virtual-shell.ts";
import {
  keepAlivePolicyNames,
  type PaceOptions,
  pacePolicies,
  type PacePolicyName,
  pacePolicyNames,
  startPolicyNames,
} from "./index.ts";

const arbitraryFunction = fc.record({
  memory: fc.integer({ min: 64, max: 700 }).map(mebibytes),
  cores: fc.constantFrom(0.25, 0.5, 1, 2).map(cores),
  concurrency: fc.constantFrom(1, 1, 1, 3),
  provisioned: fc.constantFrom(0, 0, 0, 1),
  maxInstances: fc.integer({ min: 1, max: 6 }),
  maxQueue: fc.integer({ min: 1, max: 30 }),
  queueTimeout: fc.constantFrom(0.5, 5, 60).map(seconds),
  deadline: fc.option(fc.constantFrom(0.1, 0.5, 2).map(seconds), { nil: undefined }),
  snapshot: fc.constantFrom(...snapshotModes),
});

const arbitraryMachine = fc.record({
  cores: fc.constantFrom(0.5, 1, 2, 4).map(cores),
  memory: fc.constantFrom(256, 512, 1024).map(mebibytes),
  instances: fc.constantFrom(2, 3, 100),
  starts: fc.constantFrom(1, 1, 8),
  snapshots: fc.boolean(),
});

const arbitraryOffers = fc
  .subarray(["phase", "eager", "prefetch"] as const)
  .map((kinds): readonly StartOffer[] =>
    kinds.map((kind) => ({ kind, latency: seconds(0.1), cpu: undefined, memory: mebibytes(20) })),
  );

const arbitraryWish = fc.record({ kind: fc.constantFrom(...startKinds), pooled: fc.boolean() });

const arbitraryLoad = fc.record({
  seed: fc.integer(),
  machines: fc.array(arbitraryMachine, { minLength: 1, maxLength: 3 }),
  policy: fc.constantFrom(...keepAlivePolicyNames),
  startPolicy: fc.constantFrom(...startPolicyNames),
  pace: fc.option(fc.constantFrom(...pacePolicyNames, "frugal" as const), { nil: undefined }),
  pinning: fc.boolean(),
  failures: fc.constantFrom(0, 0, 0.1, 0.5),
  functions: fc.array(arbitraryFunction, { minLength: 1, maxLength: 4 }),
  arrivals: fc.array(
    fc.record({
      at: fc.integer({ min: 0, max: 4000 }),
      fn: fc.nat(),
      wish: fc.oneof(
        { weight: 9, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: arbitraryWish },
      ),
      withdrawAfter: fc.option(fc.integer({ min: 0, max: 2000 }), { nil: undefined, freq: 6 }),
    }),
    { maxLength: 150 },
  ),
  changes: fc.array(
    fc.record({
      at: fc.integer({ min: 0, max: 4000 }),
      fn: fc.nat(),
      kind: fc.constantFrom("redeploy", "remove"),
    }),
    { maxLength: 4 },
  ),
  /** What machines come to offer, beside what comes of templates. */
  offers: fc.array(
    fc.record({
      at: fc.integer({ min: 0, max: 4000 }),
      fn: fc.nat(),
      machine: fc.nat(),
      offers: arbitraryOffers,
    }),
    { maxLength: 6 },
  ),
  template: fc.record({ longest: fc.constantFrom(0.5, 20), offers: arbitraryOffers }),
});

const grid: ClockGrid = { core: [1, 2, 3].map(gigahertz), uncore: [1, 2].map(gigahertz) };
const clocks: MachineClocks = {
  core: [0, 1, 2, 3].map((cpu) => ({ id: cpu, cpus: [cpu], socket: cpu >> 1, steps: grid.core })),
  uncore: [0, 1].map((socket) => ({
    id: socket,
    cpus: [2 * socket, 2 * socket + 1],
    socket,
    steps: grid.uncore,
  })),
};

type Load = typeof arbitraryLoad extends fc.Arbitrary<infer T> ? T : never;

/** Governors look seldom: a look every few milliseconds would be most of what happens. */
const paceOf = (policy: PacePolicyName): PaceOptions => ({
  policy,
  options: "intervalSeconds" in pacePolicies[policy].options ? { intervalSeconds: 5 } : {},
  modelOf: () => new SimpleModel(grid),
});

/** Runs a load to its end; the shell throws where a promise breaks. */
function play(load: Load, maxWaiting = 60): VirtualShell {
  const random = seededRandom(load.seed);
  const machines = load.machines.map((change, index) =>
    machine({ ...change, name: machineName(`m${index}`), clocks, pinning: load.pinning }),
  );
  const shell = new VirtualShell(
    {
      keepAlive: load.policy,
      startPolicy: load.startPolicy,
      maxWaiting,
      ...(load.pace === undefined ? {} : { pace: paceOf(load.pace) }),
    },
    machines,
    {
      startTime: (stream, kind) => 0.05 + stream.next() * (kind === "boot" ? 1 : 0.2),
      template: (stream) => ({ time: load.template.longest * stream.next(), offers: load.template.offers }),
      serviceTime: (stream) => stream.next() ** 3,
      failures: load.failures,
    },
    random,
  );
  const functions = load.functions.map((fn, index) => demand(`f${index}`, fn));
  const pick = (index: number): FunctionDemand => functions[index % functions.length] ?? demand("f0");
  for (const fn of functions) shell.deploy(fn);
  for (const { at, fn, withdrawAfter, wish } of load.arrivals) {
    const patience = withdrawAfter === undefined ? undefined : withdrawAfter / 1000;
    shell.arriveAt(at / 100, pick(fn).name, patience, wish === undefined ? {} : { wish });
  }
  for (const { at, fn, machine: index, offers } of load.offers) {
    shell.doAt(at / 100, () => {
      const offering = machines[index % machines.length];
      if (offering !== undefined) shell.offer(pick(fn), offering, offers);
    });
  }
  load.changes.forEach((change, index) => {
    shell.doAt(change.at / 100, () => {
      const fn = pick(change.fn);
      if (change.kind === "remove") shell.send({ kind: "function-removed", function: fn.name });
      else shell.deploy({ ...fn, revision: 2 + index });
    });
  });
  shell.run(2000);
  return shell;
}

describe("Control under any load", () => {
  it("exceeds no capacity and serves each invocation once (I2, D1, S1, S3)", () => {
    fc.assert(
      fc.property(arbitraryLoad, (load) => {
        for (const { outcome } of play(load).invocations.values()) {
          expect(["finished", "refused", "withdrawn"]).toContain(outcome);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("leaves nothing waiting that a machine could hold, however small the machines (D3)", () => {
    const patient = { provisioned: 0 as const, maxQueue: 1000, queueTimeout: seconds(1e6) };
    fc.assert(
      fc.property(arbitraryLoad, (load) => {
        const functions = load.functions.map((fn) => ({ ...fn, ...patient }));
        const arrivals = load.arrivals.map((arrival) => ({ ...arrival, withdrawAfter: undefined }));
        const shell = play({ ...load, functions, arrivals, failures: 0 }, 1000);
        for (const { outcome, code } of shell.invocations.values()) {
          if (outcome !== "finished") expect(code).toMatch(/^function-(too-large|not-found)$/);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("gives the same commands for the same events (I7)", () => {
    fc.assert(
      fc.property(arbitraryLoad, (load) => {
        expect(play(load).log).toEqual(play(load).log);
      }),
      { numRuns: 50 },
    );
  });

  it("dispatches a function's invocations in order of arrival (D2)", () => {
    fc.assert(
      fc.property(arbitraryLoad, (load) => {
        const latest = new Map<string, number>();
        for (const record of play(load).invocations.values()) {
          if (record.dispatched === undefined || record.wish !== undefined) continue;
          expect(record.dispatched).toBeGreaterThanOrEqual(latest.get(record.function) ?? 0);
          latest.set(record.function, record.dispatched);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("never sets a timer in the past (I6)", () => {
    fc.assert(
      fc.property(arbitraryLoad, (load) => {
        for (const line of play(load).log) {
          const [now, command] = JSON.parse(line) as [number, { kind: string; at?: number }];
          if (command.kind === "set-timer") expect(command.at).toBeGreaterThanOrEqual(now);
        }
      }),
      { numRuns: 100 },
    );
  });
});
