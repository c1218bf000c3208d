import { cores, functionName, mebibytes, seconds, type StartKind, startKinds } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { demand, shellWith } from "../../test/shell-with.ts";

const name = functionName("a");
const wish = (kind: StartKind): { readonly kind: StartKind; readonly pooled: boolean } => ({
  kind,
  pooled: false,
});

describe("Wishes", () => {
  it("start an instance of the wished kind for one invocation, whatever is warm, and stop it after", () => {
    const shell = shellWith({ functions: [demand("a", { concurrency: 4 })] });
    shell.arriveAt(0, name);
    startKinds.forEach((kind, index) => {
      shell.arriveAt(1 + index, name, undefined, { wish: wish(kind) });
    });
    shell.arriveAt(8, name);
    shell.run(9);
    expect(shell.starts.map(({ start }) => start)).toEqual(["boot", ...startKinds]);
    const records = [...shell.invocations.values()];
    expect(records.map(({ cold }) => cold)).toEqual([true, true, true, true, true, true, false]);
    expect(shell.stops.map(({ reason }) => reason)).toEqual(new Array(5).fill("spent"));
    expect(shell.control.occupancy(name)).toMatchObject({ idle: 1 });
  });

  it("leave warm instances to the others meanwhile", () => {
    const shell = shellWith({ functions: [demand("a")] });
    shell.arriveAt(0, name);
    shell.arriveAt(1, name, undefined, { wish: wish("boot") });
    shell.arriveAt(1.1, name);
    shell.run(2);
    const dispatched = [...shell.invocations.values()].map((record) => record.dispatched);
    expect(dispatched).toEqual([0.2, 1.2, 1.1]);
  });

  it("wait for room like any start, and have idle instances of their function go at its limit", () => {
    const shell = shellWith({
      machine: { cores: cores(1), memory: mebibytes(128) },
      functions: [demand("a", { maxInstances: 1 })],
    });
    for (const at of [0, 1, 1.05])
      shell.arriveAt(at, name, undefined, at === 0 ? {} : { wish: wish("boot") });
    shell.run(10);
    const records = [...shell.invocations.values()];
    expect(records.map(({ outcome }) => outcome)).toEqual(["finished", "finished", "finished"]);
    expect(shell.starts).toHaveLength(3);
  });

  it("are given up in time, go with their caller, and leave nothing behind", () => {
    const shell = shellWith({
      functions: [demand("a", { queueTimeout: seconds(1), maxInstances: 1 })],
      behaviour: { startTime: () => 3 },
    });
    shell.arriveAt(0, name, undefined, { wish: wish("lazy") });
    shell.arriveAt(0.1, name, undefined, { wish: wish("lazy") });
    shell.arriveAt(5, name, 0.5, { wish: wish("lazy") });
    shell.run(20);
    const records = [...shell.invocations.values()];
    expect(records.map(({ code }) => code)).toEqual(["queue-timeout", "queue-timeout", undefined]);
    expect(records.map(({ outcome }) => outcome)).toEqual(["refused", "refused", "withdrawn"]);
    expect(shell.live).toBe(0);
  });

  it("fail with the start that they wished, alone", () => {
    const shell = shellWith({ functions: [demand("a")] });
    shell.arriveAt(0, name, undefined, { wish: wish("eager") });
    shell.arriveAt(0, name);
    shell.doAt(0.1, () => {
      shell.failStarts("eager");
    });
    shell.run(5);
    const records = [...shell.invocations.values()];
    expect(records.map(({ code, outcome }) => code ?? outcome)).toEqual(["init-failed", "finished"]);
  });

  it("begin anew with a new revision, and are refused with a removed function", () => {
    const shell = shellWith({ functions: [demand("a"), demand("b")] });
    shell.arriveAt(0, name, undefined, { wish: wish("boot") });
    shell.arriveAt(0, functionName("b"), undefined, { wish: wish("boot") });
    shell.doAt(0.1, () => {
      shell.deploy(demand("a", { revision: 2 }));
      shell.send({ kind: "function-removed", function: functionName("b") });
    });
    shell.run(5);
    const records = [...shell.invocations.values()];
    expect(records[0]).toMatchObject({ outcome: "finished", dispatched: expect.closeTo(0.3) as number });
    expect(records[1]).toMatchObject({ code: "function-not-found", finished: 0.1 });
  });
});
