import {
  bytes,
  cores,
  type FunctionDemand,
  functionName,
  machineName,
  mebibytes,
  seededRandom,
  seconds,
} from "@frugal/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Behaviour, VirtualShell } from "../test/virtual-shell.ts";
import { type ControlOptions, keepAlivePolicyNames, type MachineCapacity } from "./index.ts";

const quick: ControlOptions = {
  keepAlive: "fixed",
  keepAliveOptions: { keepForSeconds: 10 },
  maxWaiting: 10_000,
};
const steady: Behaviour = { startTime: () => 0.2, serviceTime: () => 0.01, failures: 0 };

const machine = (change: Partial<MachineCapacity> = {}): MachineCapacity => ({
  name: machineName("one"),
  cores: cores(2),
  memory: mebibytes(1024),
  instances: 100,
  starts: 8,
  ...change,
});

const demand = (name: string, change: Partial<FunctionDemand> = {}): FunctionDemand => ({
  name: functionName(name),
  revision: 1,
  memory: mebibytes(128),
  cores: cores(1),
  concurrency: 1,
  provisioned: 0,
  maxInstances: 100,
  maxQueue: 1000,
  queueTimeout: seconds(60),
  ...change,
});

const shellWith = (options: {
  control?: ControlOptions;
  machine?: Partial<MachineCapacity>;
  behaviour?: Partial<Behaviour>;
  functions: readonly FunctionDemand[];
}): VirtualShell => {
  const behaviour = { ...steady, ...options.behaviour };
  const shell = new VirtualShell(
    options.control ?? quick,
    [machine(options.machine)],
    behaviour,
    seededRandom(1),
  );
  for (const fn of options.functions) shell.deploy(fn);
  return shell;
};

const arbitraryFunction = fc.record({
  memory: fc.integer({ min: 64, max: 700 }).map(mebibytes),
  cores: fc.constantFrom(0.25, 0.5, 1, 2).map(cores),
  concurrency: fc.constantFrom(1, 1, 1, 3),
  provisioned: fc.constantFrom(0, 0, 0, 1),
  maxInstances: fc.integer({ min: 1, max: 6 }),
  maxQueue: fc.integer({ min: 1, max: 30 }),
  queueTimeout: fc.constantFrom(0.5, 5, 60).map(seconds),
});

const arbitraryLoad = fc.record({
  seed: fc.integer(),
  policy: fc.constantFrom(...keepAlivePolicyNames),
  failures: fc.constantFrom(0, 0, 0.1, 0.5),
  functions: fc.array(arbitraryFunction, { minLength: 1, maxLength: 4 }),
  arrivals: fc.array(
    fc.record({
      at: fc.integer({ min: 0, max: 4000 }),
      fn: fc.nat(),
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
});

type Load = typeof arbitraryLoad extends fc.Arbitrary<infer T> ? T : never;

/** Runs a load to its end; the shell throws where a promise breaks. */
function play(load: Load): VirtualShell {
  const random = seededRandom(load.seed);
  const shell = new VirtualShell(
    { keepAlive: load.policy, maxWaiting: 60 },
    [
      machine(),
      machine({ name: machineName("two"), cores: cores(1), memory: mebibytes(512), instances: 3, starts: 1 }),
    ],
    {
      startTime: (stream) => 0.05 + stream.next(),
      serviceTime: (stream) => stream.next() ** 3,
      failures: load.failures,
    },
    random,
  );
  const functions = load.functions.map((fn, index) => demand(`f${index}`, fn));
  const pick = (index: number): FunctionDemand => functions[index % functions.length] ?? demand("f0");
  for (const fn of functions) shell.deploy(fn);
  for (const { at, fn, withdrawAfter } of load.arrivals) {
    shell.arriveAt(at / 100, pick(fn).name, withdrawAfter === undefined ? undefined : withdrawAfter / 1000);
  }
  load.changes.forEach((change, index) => {
    shell.doAt(change.at / 100, () => {
      const fn = pick(change.fn);
      if (change.kind === "remove") shell.send({ kind: "function-removed", function: fn.name });
      else shell.deploy({ ...fn, revision: 2 + index });
    });
  });
  shell.run(400);
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
          if (record.dispatched === undefined) continue;
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

describe("Route", () => {
  it("starts an instance for the first invocation and keeps it warm for the next", () => {
    const shell = shellWith({ functions: [demand("a")] });
    shell.arriveAt(0, functionName("a"));
    shell.arriveAt(1, functionName("a"));
    shell.run(5);
    const [first, second] = [...shell.invocations.values()];
    expect([first?.cold, first?.dispatched]).toEqual([true, 0.2]);
    expect([second?.cold, second?.dispatched]).toEqual([false, 1]);
    expect(shell.starts).toHaveLength(1);
  });

  it("scales to zero when nothing arrives any more", () => {
    const shell = shellWith({ functions: [demand("a")] });
    shell.arriveAt(0, functionName("a"));
    shell.run(100);
    expect(shell.live).toBe(0);
    expect(shell.stops).toEqual([{ at: expect.closeTo(10.21) as number, reason: "idle" }]);
  });

  it("waits for a busy instance rather than start one that would come too late", () => {
    const shell = shellWith({ functions: [demand("a")] });
    shell.arriveAt(0, functionName("a"));
    for (let i = 0; i < 5; i++) shell.arriveAt(1, functionName("a"));
    shell.run(5);
    expect(shell.starts).toHaveLength(1);
  });

  it("starts another instance when the busy one turns out to hang", () => {
    let served = 0;
    const serviceTime = (): number => (++served === 2 ? 50 : 0.01);
    const shell = shellWith({ functions: [demand("a")], behaviour: { serviceTime } });
    for (const at of [0, 1, 1]) shell.arriveAt(at, functionName("a"));
    shell.run(5);
    expect(shell.starts.map(({ at }) => at)).toEqual([0, expect.closeTo(1.2)]);
    expect([...shell.invocations.values()].map(({ outcome }) => outcome)).toEqual([
      "finished",
      "running",
      "finished",
    ]);
  });

  it("refuses what does not fit the queue, with a time to try again", () => {
    const shell = shellWith({ functions: [demand("a", { maxQueue: 3 })] });
    for (let i = 0; i < 5; i++) shell.arriveAt(0, functionName("a"));
    shell.run(5);
    const refused = [...shell.invocations.values()].filter(({ outcome }) => outcome === "refused");
    expect(refused.map(({ code }) => code)).toEqual(["overloaded", "overloaded"]);
    for (const { retryAfter } of refused) expect(retryAfter).toBeGreaterThan(0);
  });

  it("refuses a function that no machine could hold, without a time to try again", () => {
    const shell = shellWith({ functions: [demand("a", { memory: bytes(2 ** 40) })] });
    shell.arriveAt(0, functionName("a"));
    shell.run(1);
    expect([...shell.invocations.values()][0]).toMatchObject({
      code: "function-too-large",
      retryAfter: undefined,
    });
  });

  it("fails what has waited over its queue timeout", () => {
    const shell = shellWith({
      functions: [demand("a", { maxInstances: 1, queueTimeout: seconds(2) })],
      behaviour: { serviceTime: () => 30 },
    });
    shell.arriveAt(0, functionName("a"));
    shell.arriveAt(1, functionName("a"));
    shell.run(20);
    expect([...shell.invocations.values()][1]).toMatchObject({ code: "queue-timeout", finished: 3 });
  });

  it("does not let a flood of one function starve another", () => {
    const shell = shellWith({
      functions: [demand("flood", { maxQueue: 5000 }), demand("quiet")],
      behaviour: { serviceTime: () => 0.1 },
    });
    for (let i = 0; i < 2000; i++) shell.arriveAt(i / 1000, functionName("flood"));
    for (let i = 0; i < 10; i++) shell.arriveAt(5 + i, functionName("quiet"));
    shell.run(60);
    const waits = [...shell.invocations.values()]
      .filter(({ function: fn }) => fn === "quiet")
      .map(({ arrived, dispatched }) => (dispatched ?? Infinity) - arrived);
    // The first waits for an instance (0.2 s) and a core (0.1 s); the others for a core.
    expect(Math.max(...waits)).toBeLessThan(0.5);
    expect(Math.max(...waits.slice(1))).toBeLessThanOrEqual(0.2);
  });

  it("takes memory back from a flood when another function needs it", () => {
    for (const concurrency of [1, 4]) {
      const shell = shellWith({
        functions: [
          demand("flood", { memory: mebibytes(512), maxQueue: 5000, concurrency }),
          demand("quiet", { memory: mebibytes(512) }),
        ],
        behaviour: { serviceTime: () => 0.1 },
      });
      for (let i = 0; i < 3000; i++) shell.arriveAt(i / 200, functionName("flood"));
      shell.arriveAt(5, functionName("quiet"));
      shell.run(60);
      const quiet = [...shell.invocations.values()].find(({ function: fn }) => fn === "quiet");
      expect((quiet?.dispatched ?? Infinity) - 5).toBeLessThan(1);
    }
  });

  it("does not let functions of small core shares starve one that needs more", () => {
    const shell = shellWith({
      functions: [
        demand("small", { cores: cores(0.5), maxQueue: 5000 }),
        demand("wide", { cores: cores(2) }),
      ],
      behaviour: { serviceTime: () => 0.1 },
    });
    for (let i = 0; i < 2000; i++) shell.arriveAt(i / 200, functionName("small"));
    shell.arriveAt(5, functionName("wide"));
    shell.run(60);
    const wide = [...shell.invocations.values()].find(({ function: fn }) => fn === "wide");
    expect((wide?.dispatched ?? Infinity) - 5).toBeLessThan(1);
  });
});

describe("Start", () => {
  it("starts no more instances at a time than the machine can well start", () => {
    const shell = shellWith({
      machine: { cores: cores(16), starts: 2 },
      functions: [demand("a", { cores: cores(0.1) }), demand("b", { cores: cores(0.1) }), demand("c")],
    });
    for (const name of ["a", "b", "c"]) shell.arriveAt(0, functionName(name));
    shell.run(5);
    expect(shell.starts.map(({ at }) => at)).toEqual([0, 0, expect.closeTo(0.2)]);
    expect([...shell.invocations.values()].every(({ outcome }) => outcome === "finished")).toBe(true);
  });

  it("keeps the provisioned minimum and replaces what is lost of it", () => {
    const shell = shellWith({ functions: [demand("a", { provisioned: 2, cores: cores(0.5) })] });
    shell.run(100);
    expect(shell.control.occupancy(functionName("a"))).toMatchObject({ idle: 2 });
    expect(shell.starts.map(({ cause }) => cause)).toEqual(["provisioned", "provisioned"]);
  });

  it("tells every waiting invocation of a function that cannot start, with ever fewer attempts", () => {
    const shell = shellWith({ functions: [demand("a")], behaviour: { failures: 1 } });
    for (let i = 0; i < 200; i++) shell.arriveAt(0, functionName("a"));
    shell.run(30);
    expect(new Set([...shell.invocations.values()].map(({ code }) => code))).toEqual(
      new Set(["init-failed"]),
    );
    expect(shell.starts.length).toBeLessThan(20);
  });

  it("replaces instances of an old revision without failing their invocations", () => {
    const shell = shellWith({ functions: [demand("a")], behaviour: { serviceTime: () => 1 } });
    shell.arriveAt(0, functionName("a"));
    shell.doAt(0.5, () => {
      shell.deploy(demand("a", { revision: 2 }));
    });
    shell.arriveAt(0.6, functionName("a"));
    shell.run(5);
    expect([...shell.invocations.values()].map(({ outcome }) => outcome)).toEqual(["finished", "finished"]);
    expect(shell.stops.map(({ reason }) => reason)).toEqual(["superseded"]);
    expect(shell.starts).toHaveLength(2);
  });

  it("refuses new invocations of a removed function and lets running ones finish", () => {
    const shell = shellWith({ functions: [demand("a")], behaviour: { serviceTime: () => 1 } });
    shell.arriveAt(0, functionName("a"));
    shell.doAt(0.5, () => {
      shell.send({ kind: "function-removed", function: functionName("a") });
    });
    shell.arriveAt(0.6, functionName("a"));
    shell.run(5);
    expect([...shell.invocations.values()].map(({ outcome }) => outcome)).toEqual(["finished", "refused"]);
    expect(shell.live).toBe(0);
    expect(shell.control.occupancy(functionName("a"))).toBeUndefined();
  });

  it("evicts idle instances when memory is short, the policy's lowest priority first", () => {
    const shell = shellWith({
      control: { keepAlive: "greedy-dual", maxWaiting: 100 },
      machine: { memory: mebibytes(256) },
      functions: [demand("often"), demand("once"), demand("late")],
    });
    for (let i = 0; i < 20; i++) shell.arriveAt(i, functionName("often"));
    shell.arriveAt(19.5, functionName("once"));
    shell.arriveAt(30, functionName("late"));
    shell.run(40);
    expect(shell.control.occupancy(functionName("often"))).toMatchObject({ idle: 1 });
    expect(shell.control.occupancy(functionName("once"))).toMatchObject({ idle: 0 });
    expect(shell.control.occupancy(functionName("late"))).toMatchObject({ idle: 1 });
  });

  it("prewarms by the histogram of idle times", () => {
    const shell = shellWith({
      control: { keepAlive: "hybrid-histogram", maxWaiting: 100 },
      functions: [demand("timer")],
    });
    for (let i = 0; i < 20; i++) shell.arriveAt(i * 1800, functionName("timer"));
    shell.run(20 * 1800);
    const colds = [...shell.invocations.values()].map(({ cold }) => cold);
    expect(colds.slice(0, 5)).toEqual([true, true, true, true, true]);
    expect(colds.slice(7)).toEqual(new Array(13).fill(false));
    expect(shell.starts.at(-1)?.cause).toBe("prewarm");
  });
});
