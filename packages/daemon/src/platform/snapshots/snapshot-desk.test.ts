import type { Event } from "@frugal/control";
import { type FunctionName, functionName, instanceNumber, machineName } from "@frugal/core";
import { beforeEach, describe, expect, it } from "vitest";
import { functionDefinition } from "../../../test/function-definition.ts";
import { FakeHostSnapshots } from "../../../test/fake-host-snapshots.ts";
import { FakeSandbox } from "../../../test/fake-sandbox.ts";
import { turns } from "../../../test/manual-clock.ts";
import type { FunctionDefinition } from "../../registry/definition.ts";
import { specOf } from "../live-instances.ts";
import { SnapshotDesk } from "./snapshot-desk.ts";

const greet = functionName("greet");

describe("SnapshotDesk", () => {
  let snapshots: FakeHostSnapshots;
  let definitions: Map<FunctionName, FunctionDefinition>;
  let sent: Event[];
  let notes: string[];
  let desk: SnapshotDesk;

  const open = (sandbox: FakeSandbox): SnapshotDesk =>
    new SnapshotDesk({
      sandbox,
      machine: machineName("here"),
      definitionOf: (name) => definitions.get(name),
      specOf,
      send: (event) => sent.push(event),
      note: (_name, text) => notes.push(text),
    });
  beforeEach(() => {
    snapshots = new FakeHostSnapshots();
    definitions = new Map([[greet, functionDefinition({ name: greet })]]);
    sent = [];
    notes = [];
    desk = open(new FakeSandbox(snapshots));
  });

  const definition = (): FunctionDefinition => definitions.get(greet) ?? functionDefinition({});
  const deploy = (changes: Partial<FunctionDefinition>): void => {
    definitions.set(greet, { ...definition(), ...changes });
    desk.look(definition());
  };
  /** Kinds that were made known, one text a time. */
  const known = (): readonly string[] =>
    sent.flatMap((event) =>
      event.kind === "starts-known"
        ? [`${event.revision}: ${event.offers.map(({ kind }) => kind).join(" ")}`]
        : [],
    );
  const wishes = (): number => sent.filter(({ kind }) => kind === "snapshot-wished").length;
  const start = (number = 1): { readonly ends: (string | undefined)[] } => {
    const ends: (string | undefined)[] = [];
    desk.start(instanceNumber(number), definition(), (failure) => ends.push(failure));
    return { ends };
  };

  it("makes the starts of a function known, and again when a snapshot is gone", async () => {
    snapshots.present.set(greet, "s1");
    desk.look(definition());
    await turns();
    expect(known()).toEqual(["1: eager lazy prefetch"]);
    expect(await desk.remove("s1")).toBe(true);
    await turns();
    expect(known()).toEqual(["1: eager lazy prefetch", "1: "]);
    expect(await desk.remove("s1")).toBe(false);
  });

  it("says nothing of a revision that was replaced or removed meanwhile, or has no snapshots", async () => {
    desk.look(definition());
    deploy({ revision: 2 });
    await turns();
    expect(known()).toEqual(["2: "]);
    desk.look(definition());
    definitions.delete(greet);
    deploy({ snapshot: "off" });
    await turns();
    expect(known()).toEqual(["2: "]);
  });

  it("tells who reads the function's log why its snapshots cannot be used", async () => {
    snapshots.problem = new Error("python3 is gone");
    desk.look(definition());
    await turns();
    expect(notes).toEqual(["Its snapshots cannot be used: python3 is gone\n"]);
    expect(await desk.build(greet)).toEqual({ kind: "failed", reason: "python3 is gone" });
  });

  it("warms templates up with the first payloads that succeeded, or with those of the function", async () => {
    desk.succeeded(definition(), Buffer.from("one"));
    start();
    expect(snapshots.latest.spec.id).toBe(`t${process.pid}-1`);
    expect(snapshots.latest.warmUp).toEqual({ count: 5, payloads: [Uint8Array.from(Buffer.from("one"))] });
    deploy({ warmUp: { count: 2, payloads: [Buffer.from("own")] } });
    start();
    expect(snapshots.latest.warmUp).toEqual({ count: 2, payloads: [Buffer.from("own")] });
    await turns();
  });

  it("makes starts known before a template has ended, and tells what became of it", async () => {
    const built = start(1);
    const waiting = desk.build(greet);
    snapshots.latest.end({ kind: "built", id: "s1" });
    expect(await waiting).toEqual({ kind: "built", id: "s1" });
    expect([known(), built.ends]).toEqual([["1: eager lazy prefetch"], [undefined]]);
    const failed = start(2);
    snapshots.latest.end({ kind: "failed", reason: "criu: no" });
    await turns();
    expect(failed.ends).toEqual(["criu: no"]);
    expect(notes.join("")).toContain(
      'No snapshot could be made of function "greet", so it starts by booting: criu: no',
    );
    const stopped = start(3);
    snapshots.latest.stop();
    await turns();
    expect(stopped.ends).toEqual([undefined]);
    expect(desk.builds()).toEqual({ built: 1, failed: 1, stopped: 1 });
  });

  it("wishes for a snapshot when somebody asks, and tells all who wait", async () => {
    const waiting = [desk.build(greet), desk.build(greet)];
    expect(wishes()).toBe(2);
    start();
    snapshots.latest.end({ kind: "built", id: "s1" });
    expect(await Promise.all(waiting)).toEqual(Array(2).fill({ kind: "built", id: "s1" }));
    expect(await desk.build(greet)).toEqual({ kind: "built", id: "s1" });
    expect(wishes()).toBe(2);
  });

  it("keeps who waits waiting for the revision that is deployed", async () => {
    const waiting = desk.build(greet);
    start();
    const old = snapshots.latest;
    deploy({ revision: 2 });
    expect(wishes()).toBe(2);
    old.end({ kind: "built", id: "old" });
    await turns();
    start();
    snapshots.latest.end({ kind: "built", id: "new" });
    expect(await waiting).toEqual({ kind: "built", id: "new" });
  });

  const refusals: [string, string, () => void][] = [
    ["is removed", "the function was removed", () => desk.forget(greet)],
    [
      "is to have none any more",
      "its snapshots are switched off (snapshot: off)",
      () => deploy({ snapshot: "off" }),
    ],
  ];
  it.each(refusals)("tells who waits that the function %s", async (_, reason, act) => {
    const waiting = desk.build(greet);
    act();
    expect(await waiting).toEqual({ kind: "failed", reason });
  });

  it("leaves nobody waiting when the platform closes", async () => {
    const waiting = desk.build(greet);
    desk.close();
    expect(await waiting).toEqual({ kind: "stopped" });
    expect(await desk.build(greet)).toEqual({ kind: "stopped" });
  });

  it("says why nothing is built of what cannot be", async () => {
    expect(await desk.build(functionName("other"))).toEqual({
      kind: "failed",
      reason: "there is no such function",
    });
    deploy({ snapshot: "off" });
    expect(await desk.build(greet)).toMatchObject({ kind: "failed" });
    expect(wishes()).toBe(0);
  });

  it("does nothing on a host that makes no snapshots, and says why", async () => {
    const none = open(new FakeSandbox());
    const ends: (string | undefined)[] = [];
    none.look(definition());
    const template = none.start(instanceNumber(1), definition(), (failure) => ends.push(failure));
    template.stop();
    await turns();
    expect(ends).toEqual(["this host makes no snapshots"]);
    expect(await none.build(greet)).toEqual({ kind: "failed", reason: "it is a fake" });
    expect([none.list(), await none.inspect("s"), await none.remove("s"), none.problem()]).toEqual([
      [],
      undefined,
      false,
      "it is a fake",
    ]);
    expect(sent).toEqual([]);
  });
});
