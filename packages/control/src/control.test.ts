import { bytes, cores, functionName, machineName, mebibytes, seconds } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { demand, quick, shellWith } from "../test/shell-with.ts";
import type { VirtualShell } from "../test/virtual-shell.ts";

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

describe("Route when somebody holds a machine", () => {
  const functions = [
    demand("long", { cores: cores(1.5) }),
    demand("wide", { cores: cores(2) }),
    demand("small", { cores: cores(0.5) }),
  ];
  const behaviour = { serviceTime: (_random: unknown, fn: string): number => (fn === "long" ? 50 : 0.1) };

  /** `long` runs, `wide` waits for its cores, and `small` behind it could have the rest. */
  const heldShell = (): VirtualShell => {
    const shell = shellWith({ functions, behaviour });
    shell.arriveAt(0, functionName("small"));
    shell.arriveAt(1, functionName("long"));
    return shell;
  };

  it("goes on at once when the holder's caller goes away", () => {
    const shell = heldShell();
    shell.arriveAt(2, functionName("wide"), 3);
    shell.arriveAt(3, functionName("small"));
    shell.run(40);
    expect([...shell.invocations.values()].map(({ dispatched }) => dispatched)[3]).toBe(5);
  });

  it("goes on at once when the holder is removed", () => {
    const shell = heldShell();
    shell.arriveAt(2, functionName("wide"));
    shell.arriveAt(3, functionName("small"));
    shell.doAt(5, () => {
      shell.send({ kind: "function-removed", function: functionName("wide") });
    });
    shell.run(40);
    expect([...shell.invocations.values()].map(({ dispatched }) => dispatched)[3]).toBe(5);
  });

  it("holds a machine that can serve the holder, not a smaller one", () => {
    const shell = shellWith({
      machine: { cores: cores(0.5) },
      others: [{ name: machineName("big") }],
      functions: [
        demand("wide", { cores: cores(2) }),
        demand("small", { cores: cores(0.5), maxQueue: 5000 }),
      ],
      behaviour,
    });
    for (let i = 0; i < 4000; i++) shell.arriveAt(i / 200, functionName("small"));
    shell.arriveAt(5, functionName("wide"));
    shell.run(60);
    const wide = [...shell.invocations.values()].find(({ function: fn }) => fn === "wide");
    expect((wide?.dispatched ?? Infinity) - 5).toBeLessThan(1);
  });

  it("starts elsewhere while one function waits for the memory of a machine", () => {
    const shell = shellWith({
      machine: { memory: mebibytes(512) },
      others: [{ name: machineName("small"), memory: mebibytes(128) }],
      functions: [
        demand("hog", { memory: mebibytes(512) }),
        demand("big", { memory: mebibytes(512) }),
        demand("little"),
      ],
      behaviour: { serviceTime: (_random, fn) => (fn === "hog" ? 50 : 0.1) },
    });
    ["hog", "big", "little"].forEach((fn, index) => {
      shell.arriveAt(index, functionName(fn));
    });
    shell.run(100);
    expect([...shell.invocations.values()][2]).toMatchObject({ dispatched: 2.2 });
  });

  it("starts on another machine when the idle instance's machine stays busy", () => {
    const shell = shellWith({
      machine: { cores: cores(1) },
      others: [{ name: machineName("two"), cores: cores(1) }],
      functions: [demand("a"), demand("b")],
      behaviour: { serviceTime: (_random, fn) => (fn === "b" ? 50 : 0.01) },
    });
    shell.arriveAt(0, functionName("a"));
    shell.arriveAt(0.5, functionName("b"));
    shell.arriveAt(1, functionName("a"));
    shell.run(10);
    // As soon as it has waited for as long as a start takes, and after that start.
    expect([...shell.invocations.values()][2]).toMatchObject({ dispatched: expect.closeTo(1.4) as number });
  });

  it("leaves room in the queues for the others when one function floods", () => {
    const shell = shellWith({
      control: { ...quick, maxWaiting: 100 },
      functions: [demand("flood", { maxQueue: 5000 }), demand("quiet")],
    });
    for (let i = 0; i < 500; i++) shell.arriveAt(0, functionName("flood"));
    for (let i = 0; i < 10; i++) shell.arriveAt(0.1, functionName("quiet"));
    shell.run(20);
    const refused = [...shell.invocations.values()].filter(({ outcome }) => outcome === "refused");
    expect(refused).toHaveLength(450);
    expect(new Set(refused.map(({ function: fn }) => fn))).toEqual(new Set(["flood"]));
  });
});

describe("Start", () => {
  it("keeps an idle instance that lacks only cores for the invocation that waits for it", () => {
    const shell = shellWith({
      control: { keepAlive: "provisioned", maxWaiting: 100 },
      machine: { cores: cores(1) },
      functions: [demand("a"), demand("b", { cores: cores(0.25) })],
      behaviour: { serviceTime: (_random, fn) => (fn === "b" ? 5 : 0.01), startTime: () => 1 },
    });
    shell.arriveAt(0, functionName("a"));
    shell.arriveAt(0.5, functionName("b"));
    shell.run(30);
    const a = shell.starts.filter(({ function: fn }) => fn === "a");
    expect(a).toHaveLength(1);
    expect(shell.live).toBe(0);
  });

  it("keeps the limit of instances while old ones run out", () => {
    const shell = shellWith({
      functions: [demand("a", { maxInstances: 1 })],
      behaviour: { serviceTime: () => 1 },
    });
    for (const at of [0, 0.6]) shell.arriveAt(at, functionName("a"));
    shell.doAt(0.5, () => {
      shell.deploy(demand("a", { maxInstances: 1, revision: 2 }));
    });
    shell.run(5);
    expect(shell.starts.map(({ at }) => at)).toEqual([0, expect.closeTo(1.21)]);
    expect([...shell.invocations.values()].map(({ outcome }) => outcome)).toEqual(["finished", "finished"]);
  });

  it("evicts idle instances for a provisioned minimum", () => {
    const shell = shellWith({
      control: { keepAlive: "greedy-dual", maxWaiting: 100 },
      machine: { memory: mebibytes(256) },
      functions: [demand("a"), demand("b")],
    });
    for (const name of ["a", "b"]) shell.arriveAt(0, functionName(name));
    shell.doAt(2, () => {
      shell.deploy(demand("kept", { provisioned: 2 }));
    });
    shell.run(3);
    expect(shell.control.occupancy(functionName("kept"))).toMatchObject({ idle: 2 });
  });

  it("refuses what waits when a new revision is too large for any machine", () => {
    const shell = shellWith({ functions: [demand("a")] });
    shell.arriveAt(0, functionName("a"));
    shell.doAt(0.1, () => {
      shell.deploy(demand("a", { revision: 2, memory: bytes(2 ** 40) }));
    });
    shell.run(1);
    expect([...shell.invocations.values()][0]).toMatchObject({ code: "function-too-large", finished: 0.1 });
  });

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

  it("lets no idle instance that takes several invocations linger when its memory is needed", () => {
    const shell = shellWith({
      machine: { memory: mebibytes(256), instances: 2 },
      functions: [
        demand("wide", { concurrency: 3, memory: mebibytes(64) }),
        demand("other", { memory: mebibytes(64) }),
        demand("large", { memory: mebibytes(200) }),
      ],
      behaviour: { serviceTime: (_random, fn) => (fn === "other" ? 1 : 0.01) },
    });
    for (const fn of ["wide", "other"]) shell.arriveAt(0, functionName(fn));
    shell.arriveAt(0.5, functionName("large"));
    shell.run(5);
    expect([...shell.invocations.values()][2]).toMatchObject({ outcome: "finished" });
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
