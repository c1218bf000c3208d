import {
  bytes,
  FrugalError,
  functionName,
  mebibytes,
  milliseconds,
  seconds,
  type StartWish,
} from "@frugal/core";
import type { InstanceEnd } from "@frugal/sandbox";
import { describe, expect, it } from "vitest";
import { FakeHostSnapshots } from "../../test/fake-host-snapshots.ts";
import { name, request, setUp } from "../../test/live-platform-rig.ts";
import { turns } from "../../test/manual-clock.ts";
import type { InvocationResult } from "./platform.ts";

describe("LivePlatform", () => {
  it("starts an instance, dispatches to it and says how long each part took", () => {
    const { clock, sandbox, answers, invoke } = setUp();
    invoke("one");
    clock.advance(0.2);
    sandbox.latest.ready();
    clock.advance(0.05);
    sandbox.latest.succeed("one", '"hello"', milliseconds(10));
    expect(answers.get("one")).toMatchObject({
      kind: "executed",
      start: "cold",
      wait: expect.closeTo(0.2) as number,
      duration: expect.closeTo(0.05) as number,
      phases: { unit: 0.005, restore: 0, runtime: 0.04, init: 0.01 },
      outcome: { kind: "success" },
      energy: { kind: "energy", joules: expect.closeTo(0.2) as number, quality: "estimated" },
    });
    invoke("two");
    sandbox.latest.succeed("two", '"again"');
    expect(answers.get("two")).toMatchObject({ start: "warm", wait: 0, phases: undefined });
  });

  it("gives every invocation of a dying instance its result, and starts anew for the waiting ones (P1)", () => {
    const { sandbox, answers, invoke, clock } = setUp();
    invoke("one");
    sandbox.latest.ready();
    invoke("two");
    clock.advance(1);
    const [first] = sandbox.instances;
    first?.die();
    expect(answers.get("one")).toMatchObject({
      outcome: { kind: "lost", error: { code: "function-crashed" } },
    });
    expect(sandbox.instances).toHaveLength(2);
    sandbox.latest.ready();
    sandbox.latest.succeed("two", "2");
    expect(answers.get("two")).toMatchObject({ outcome: { kind: "success" } });
  });

  it("tells the waiting invocation why its instance could not start", () => {
    const { sandbox, answers, invoke, logged } = setUp();
    invoke("one");
    sandbox.latest.die({
      kind: "start-failed",
      error: { code: "init-failed", message: "Cannot find module" },
    });
    expect(answers.get("one")).toMatchObject({
      kind: "refused",
      error: { code: "init-failed", message: "Cannot find module" },
    });
    expect(logged.join("")).toContain("Cannot find module");
  });

  it("treats a start that throws as a start that failed", () => {
    const { sandbox, answers, invoke } = setUp();
    sandbox.problem = new FrugalError("host-unsupported", "No namespaces here");
    invoke("one");
    expect(answers.get("one")).toMatchObject({
      error: { code: "host-unsupported", message: "No namespaces here" },
    });
  });

  it("refuses an unknown function and what does not fit the queue", async () => {
    const { platform, answers, invoke } = setUp();
    const unknown = await new Promise<InvocationResult>((resolve) => {
      platform.invoke(functionName("other"), request("x"), resolve);
    });
    expect(unknown).toMatchObject({ kind: "refused", error: { code: "function-not-found" } });
    for (const id of ["1", "2", "3", "4"]) invoke(id);
    expect(answers.get("4")).toMatchObject({ kind: "refused", error: { code: "overloaded" } });
    expect((answers.get("4") as { retryAfter: number }).retryAfter).toBeGreaterThan(0);
  });

  it("withdraws what waits and leaves alone what runs", () => {
    const { sandbox, answers, invoke } = setUp();
    const withdrawFirst = invoke("one");
    const withdrawSecond = invoke("two");
    withdrawFirst();
    sandbox.latest.ready();
    expect([...sandbox.latest.running.keys()]).toEqual(["two"]);
    withdrawSecond();
    sandbox.latest.succeed("two", "2");
    expect([...answers.keys()]).toEqual(["two"]);
  });

  it("adds functions' joules and the idle share up to the machine's (I6, P3)", () => {
    const { clock, sandbox, platform, invoke } = setUp();
    invoke("one");
    clock.advance(0.1);
    sandbox.latest.ready();
    clock.advance(1.5);
    sandbox.latest.succeed("one", "1", seconds(0.7));
    clock.advance(1);
    sandbox.latest.cpu = seconds(sandbox.latest.cpu + 0.2);
    sandbox.latest.die();
    clock.advance(5);
    const { functions, energy } = platform.statistics();
    expect(functions[0]).toMatchObject({
      name,
      invocations: 1,
      coldStarts: 1,
      cpu: expect.closeTo(0.9) as number,
    });
    const [greet] = functions;
    const total = energy.total.kind === "energy" ? energy.total.joules : NaN;
    const own = greet?.energy.kind === "energy" ? greet.energy.joules : NaN;
    expect(own).toBeCloseTo(18);
    expect(own + energy.idle.joules).toBeCloseTo(total, 9);
  });

  it("drains: lets running invocations finish, refuses new ones, then stops everything", async () => {
    const { sandbox, platform, answers, invoke } = setUp();
    invoke("one");
    sandbox.latest.ready();
    const closed = platform.close(seconds(30));
    invoke("late");
    sandbox.latest.succeed("one", "1");
    await closed;
    expect(answers.get("one")).toMatchObject({ outcome: { kind: "success" } });
    expect(answers.get("late")).toMatchObject({ error: { code: "shutting-down" } });
  });

  it("gives up draining in time, and still gives every invocation its result (P1)", async () => {
    const { clock, sandbox, platform, answers, invoke } = setUp();
    for (const id of ["one", "two"]) invoke(id);
    sandbox.latest.ready();
    const closed = platform.close(seconds(30));
    clock.advance(31);
    await closed;
    expect([...answers.keys()].sort()).toEqual(["one", "two"]);
  });

  it("refuses payloads that do not fit into memory, and takes them again when others have gone", async () => {
    const { platform, sandbox, answers, results, invoke } = setUp(bytes(4));
    const withdraw = invoke("one");
    invoke("two");
    await Promise.resolve();
    expect(answers.get("two")).toMatchObject({
      kind: "refused",
      error: { code: "overloaded", message: expect.stringContaining("payloadBytes") as string },
      retryAfter: 1,
    });
    expect(results).toHaveLength(1);
    expect(platform.statistics().functions[0]).toMatchObject({ refused: 1 });
    withdraw();
    invoke("three");
    sandbox.latest.ready();
    sandbox.latest.succeed("three", "3");
    invoke("four");
    sandbox.latest.succeed("four", "4");
    expect(answers.get("four")).toMatchObject({ outcome: { kind: "success" } });
  });

  it("ends draining when the last caller goes away", async () => {
    const { platform, invoke } = setUp();
    const withdraw = invoke("one");
    const closed = platform.close(seconds(30));
    withdraw();
    await closed;
  });

  it("tells nobody of what a removed function still does", () => {
    const { platform, sandbox, answers, results, logged, invoke } = setUp();
    invoke("one");
    sandbox.latest.ready();
    platform.remove(name);
    sandbox.latest.listener.log("one", "stdout", "late\n");
    sandbox.latest.succeed("one", "1");
    expect(answers.get("one")).toMatchObject({ outcome: { kind: "success" } });
    expect([results, logged]).toEqual([[], []]);
  });

  const ourFault: InstanceEnd = {
    kind: "lost",
    error: { code: "instance-lost", message: "The pager died" },
  };

  it("executes an invocation again whose instance the platform has lost, and answers once (P1)", () => {
    const { clock, sandbox, platform, answers, results, invoke } = setUp(bytes(2));
    const wish: StartWish = { kind: "prefetch", pooled: false };
    invoke("one", wish);
    for (let attempt = 1; attempt <= 2; attempt++) {
      clock.advance(0.5);
      sandbox.latest.ready();
      clock.advance(0.5);
      sandbox.latest.die(ourFault);
      expect(answers.size).toBe(0);
      expect(sandbox.instances).toHaveLength(attempt + 1);
    }
    clock.advance(0.5);
    sandbox.latest.ready();
    sandbox.latest.succeed("one", "1");
    expect(answers.get("one")).toMatchObject({ outcome: { kind: "success" }, start: "cold", wait: 2.5 });
    expect(sandbox.wishes).toEqual([wish, wish, wish]);
    expect([results.length, platform.statistics().functions[0]?.invocations]).toEqual([1, 1]);
    // Its payload was counted, and given back, once.
    invoke("two");
    expect(answers.has("two")).toBe(false);
  });

  it("executes an invocation again whose instance the platform has lost while it started (P1)", () => {
    const { clock, sandbox, answers, invoke } = setUp();
    for (const wish of [undefined, { kind: "boot", pooled: false }] as const) {
      const id = wish === undefined ? "any start" : "wished";
      invoke(id, wish);
      sandbox.latest.die({ ...ourFault, kind: "start-failed" });
      expect(answers.has(id)).toBe(false);
      // A start that failed is not repeated at once.
      clock.advance(0.5);
      sandbox.latest.ready();
      sandbox.latest.succeed(id, "1");
      expect(answers.get(id)).toMatchObject({ outcome: { kind: "success" } });
    }
  });

  it("gives up after three attempts, and tells the last one's error", () => {
    const { sandbox, answers, invoke } = setUp();
    invoke("one");
    for (let attempt = 1; attempt <= 3; attempt++) {
      sandbox.latest.ready();
      sandbox.latest.die(ourFault);
    }
    expect(answers.get("one")).toMatchObject({
      kind: "executed",
      outcome: { kind: "lost", error: ourFault.error },
    });
    expect(sandbox.instances).toHaveLength(3);
  });

  it("does not execute again what the function itself has ended", () => {
    for (const code of ["function-crashed", "function-timeout", "out-of-memory", "shutting-down"] as const) {
      const { sandbox, answers, invoke } = setUp();
      invoke("one");
      sandbox.latest.ready();
      sandbox.latest.die({ kind: "lost", error: { code, message: "ended" } });
      expect(answers.get("one")).toMatchObject({ outcome: { kind: "lost", error: { code } } });
      expect(sandbox.instances).toHaveLength(1);
    }
  });

  it("withdraws what waits for its next attempt, whoever is faster", () => {
    const { sandbox, answers, invoke, platform } = setUp(bytes(2));
    const withdraw = invoke("one");
    sandbox.latest.ready();
    sandbox.latest.die(ourFault);
    withdraw();
    withdraw();
    sandbox.latest.ready();
    expect([...sandbox.latest.running.keys()]).toEqual([]);
    invoke("two");
    withdraw();
    sandbox.latest.succeed("two", "2");
    expect([...answers.keys()]).toEqual(["two"]);
    expect(platform.statistics().functions[0]?.invocations).toBe(1);
  });

  it("leaves an attempt alone that is being executed", () => {
    const { sandbox, answers, invoke } = setUp();
    const withdraw = invoke("one");
    sandbox.latest.ready();
    sandbox.latest.die(ourFault);
    sandbox.latest.ready();
    withdraw();
    sandbox.latest.succeed("one", "1");
    expect(answers.get("one")).toMatchObject({ outcome: { kind: "success" } });
  });

  it("refuses the next attempt of a function that was removed meanwhile, or when the platform closes (P1)", async () => {
    const removed = setUp();
    removed.invoke("one");
    removed.sandbox.latest.ready();
    removed.platform.remove(name);
    removed.sandbox.latest.die(ourFault);
    expect(removed.answers.get("one")).toMatchObject({ error: { code: "function-not-found" } });

    const { clock, sandbox, platform, answers, invoke } = setUp();
    invoke("one");
    sandbox.latest.ready();
    const closed = platform.close(seconds(3));
    sandbox.latest.die(ourFault);
    clock.advance(4);
    await closed;
    expect(answers.get("one")).toMatchObject({ kind: "refused", error: { code: "shutting-down" } });
  });

  it("orders a template after the first success, and starts from its snapshot when it is there", async () => {
    const snapshots = new FakeHostSnapshots();
    const { clock, sandbox, platform, logged, invoke } = setUp(mebibytes(64), snapshots);
    invoke("one");
    sandbox.latest.ready();
    sandbox.latest.succeed("one", "1");
    clock.advance(1);
    expect(snapshots.latest.warmUp.payloads).toEqual([Uint8Array.from(Buffer.from("{}"))]);
    snapshots.latest.cpu = seconds(0.25);
    snapshots.latest.end({ kind: "built", id: "s1" });
    await turns();
    expect(platform.statistics().functions[0]?.cpu).toBeCloseTo(0.251);
    clock.advance(100);
    await turns();
    invoke("two");
    expect(sandbox.wishes.at(-1)).toMatchObject({ pooled: true });
    expect(sandbox.wishes.at(-1)?.kind).not.toBe("boot");
    sandbox.latest.listener.fellBack("prefetch", "eager", "bad image");
    expect(logged.join("")).toContain("could not be started by prefetch, and is started by eager: bad image");
    sandbox.latest.ready();
    sandbox.latest.succeed("two", "2");
  });

  it("leaves nobody waiting for a snapshot when it closes, and stops no one else's", async () => {
    const { platform } = setUp(mebibytes(64), new FakeHostSnapshots());
    const waiting = platform.snapshots.build(name);
    await platform.close(seconds(30));
    expect(await waiting).toEqual({ kind: "stopped" });
  });

  it("carries the other commands out when a caller throws", () => {
    const { platform, sandbox, answers, invoke } = setUp();
    platform.invoke(name, request("bad"), () => {
      throw new Error("a caller's fault");
    });
    invoke("good");
    // Both are refused by one event.
    expect(() => platform.remove(name)).toThrow("a caller's fault");
    expect(answers.get("good")).toMatchObject({ error: { code: "function-not-found" } });
    expect(sandbox.instances[0]?.isStopped).toBe(true);
  });
});
