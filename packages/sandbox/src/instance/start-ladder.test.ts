import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FrugalError, type Seconds, seconds, type StartKind, type StartWish } from "@frugal/core";
import { FakeClock } from "../../test/fake-clock.ts";
import { FakeRuntime, unknownUsage } from "../../test/fake-runtime.ts";
import type { FakeUnit } from "../../test/fake-unit.ts";
import { FakeUnitFactory } from "../../test/fake-unit-factory.ts";
import { instanceSpec } from "../../test/instance-spec.ts";
import { unitSpec } from "../../test/unit-spec.ts";
import type { InstanceSpec } from "../instance-spec.ts";
import type { InstanceEnd, InstanceStart, InvokeOutcome } from "../sandbox.ts";
import type { PreparedStart } from "../snapshot/host-snapshots.ts";
import { PageRuns } from "../snapshot/working-set/page-runs.ts";
import { type Deferred, deferred } from "../unit/deferred.ts";
import type { UnitExit } from "../unit/unit.ts";
import { StartLadder } from "./start-ladder.ts";

/** Lets everything happen that the event loop has ready. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
const killed: UnitExit = { kind: "signalled", signal: "SIGKILL" };
const functionError = { errorType: "Error", errorMessage: "no" };

/** Snapshots whose restores a test prepares. */
class FakeSource {
  readonly asked: { readonly kind: StartKind; readonly answer: Deferred<undefined> }[] = [];
  /** Of each restore that was prepared, how often it was released. */
  readonly releases: number[] = [];
  readonly figures: { readonly kind: StartKind; readonly latency: Seconds; readonly faults?: number }[] = [];
  readonly told: string[] = [];
  /** Called in front of each `prepare`. */
  before: () => void = () => undefined;

  async prepare(_spec: InstanceSpec, kind: StartKind, useMemory: boolean): Promise<PreparedStart> {
    this.before();
    const answer = deferred<undefined>();
    this.asked.push({ kind, answer });
    await answer.promise;
    const number = this.releases.push(0) - 1;
    const image = { folder: "/snapshot", sockets: [1, 2, 3], connections: [], pager: undefined } as const;
    return {
      plan: unitSpec(["/bin/true"], { image }),
      restore: {
        learn: () => Promise.resolve({ faults: useMemory ? 3 : 4, pages: PageRuns.none }),
        release: () => {
          this.releases[number] = (this.releases[number] ?? 0) + 1;
          return Promise.resolve();
        },
      },
      snapshot: {
        id: `snapshot-${kind}`,
        workingSetPages: PageRuns.of([{ pid: 1, first: 0, count: 7 }]),
        started: (_kind, { latency }, record) =>
          this.figures.push({ kind: record?.kind ?? "boot", latency, faults: record?.faults ?? -1 }),
      },
    };
  }

  readonly booted = (fn: string, latency: Seconds): void => void this.told.push(`booted ${fn} ${latency}`);
  readonly restored = (id: string, fn: string, latency: Seconds): void =>
    void this.told.push(`restored ${id} ${fn} ${latency}`);
  readonly failed = (id: string, reason: string): Promise<void> => {
    this.told.push(`failed ${id}: ${reason}`);
    return Promise.resolve();
  };

  /** Answers what was asked last. */
  async answer(error?: Error): Promise<void> {
    const { answer } = this.asked.at(-1) ?? {};
    if (error === undefined) answer?.resolve(undefined);
    else answer?.reject(error);
    await turn();
  }
}

function scene(wish: Partial<StartWish> = {}, parts: { readonly source?: FakeSource | undefined } = {}) {
  const clock = new FakeClock();
  const units = new FakeUnitFactory();
  const runtime = new FakeRuntime();
  runtime.drain();
  const source = "source" in parts ? parts.source : new FakeSource();
  const heard: string[] = [];
  const ends: InstanceEnd[] = [];
  const starts: InstanceStart[] = [];
  const begin = (): StartLadder =>
    new StartLadder({
      spec: instanceSpec({ environment: { COLOUR: "red" }, initTimeout: seconds(10) }),
      wish: { kind: "prefetch", pooled: true, ...wish },
      clock,
      units,
      runtime,
      snapshots: source,
      listener: {
        fellBack: (from, to, reason) => heard.push(`${from} > ${to}: ${reason}`),
        ready: (start) => {
          heard.push("ready");
          starts.push(start);
        },
        ended: (end) => {
          heard.push("ended");
          ends.push(end);
        },
        log: () => undefined,
      },
    });
  const exit = async (how: UnitExit): Promise<void> => {
    units.latest.exit(how);
    await turn();
  };
  return { clock, units, runtime, source: source ?? new FakeSource(), heard, ends, starts, begin, exit };
}

const outcomeOf = (ladder: StartLadder): Promise<InvokeOutcome> =>
  new Promise((resolve) =>
    ladder.invoke({ requestId: "r", payload: Buffer.from("{}"), functionArn: "arn" }, resolve),
  );

/** The ways in which an attempt fails that is not the function's fault. */
type Failing = (at: ReturnType<typeof scene>) => Promise<void>;
const failures: readonly (readonly [string, string, Failing])[] = [
  ["cannot be prepared", "gone", ({ source }) => source.answer(new FrugalError("snapshot-unusable", "gone"))],
  [
    "cannot be restored",
    "bad image",
    async ({ source, exit }) => {
      await source.answer();
      await exit({ kind: "unrestorable", reason: "bad image" });
    },
  ],
  [
    "fails in its hook",
    "no",
    async ({ source, runtime, units, exit }) => {
      await source.answer();
      units.latest.launch(seconds(0));
      runtime.says.hookFailed(functionError);
      await exit({ kind: "exited", code: 1 });
    },
  ],
  [
    "crashes",
    "SIGSEGV",
    async ({ source, exit }) => {
      await source.answer();
      await exit({ kind: "signalled", signal: "SIGSEGV" });
    },
  ],
  [
    "takes too long",
    "timeout of 10 s",
    async ({ source, clock, exit }) => {
      await source.answer();
      clock.advance(seconds(10));
      await exit(killed);
    },
  ],
];

const boot = async ({ units, runtime }: ReturnType<typeof scene>): Promise<void> => {
  units.latest.launch(seconds(0));
  await turn();
  runtime.says.ready(seconds(0));
};

describe("StartLadder", () => {
  it("restores, tells the phases, and has the snapshot learn from the first invocation", async () => {
    const all = scene();
    const { clock, units, runtime, source, starts, begin, exit, ends } = all;
    const ladder = begin();
    expect(source.asked.map(({ kind }) => kind)).toEqual(["prefetch"]);
    clock.advance(seconds(0.25));
    await source.answer();
    expect(units.specs[0]?.image?.folder).toBe("/snapshot");
    expect(runtime.asked).toEqual([`resume {"COLOUR":"red"}`]);
    clock.advance(seconds(1));
    units.latest.launch(seconds(0.75), seconds(0.5));
    await turn();
    runtime.says.resumed(seconds(0));
    expect(starts).toMatchObject([
      { kind: "prefetch", phases: { unit: 0.75, restore: 0.25, runtime: 0, init: 0.25 } },
    ]);
    expect(source.told).toEqual(["restored snapshot-prefetch greet 1.25"]);
    for (const number of [1, 2]) {
      const outcome = outcomeOf(ladder);
      runtime.says.succeeded(number, Buffer.from("1"), unknownUsage);
      await outcome;
      await turn();
    }
    expect(source.figures).toEqual([{ kind: "prefetch", latency: 1.25, faults: 3 }]);
    ladder.stop();
    expect(source.releases).toEqual([0]);
    await exit(killed);
    expect([source.releases, ends]).toEqual([[1], [{ kind: "stopped" }]]);
  });

  it("loads the function into a clone of a boot phase", async () => {
    const { units, runtime, source, starts, heard, begin } = scene({ kind: "phase" });
    begin();
    await source.answer();
    units.latest.launch(seconds(0));
    await turn();
    runtime.says.resumed(seconds(0));
    expect(heard).toEqual([]);
    expect(runtime.asked.at(-1)).toBe(`load {"COLOUR":"red"}`);
    runtime.says.ready(seconds(0));
    expect(starts.map(({ kind }) => kind)).toEqual(["phase"]);
  });

  it.each(failures)(
    "climbs down to a boot where every snapshot %s, and releases each first (R1, R2)",
    async (_, words, fail) => {
      const all = scene();
      const { source, heard, units, runtime, starts, begin, clock } = all;
      const idle = (): boolean => source.releases.every((count) => count === 1);
      source.before = () => expect(idle()).toBe(true);
      begin();
      for (const kind of ["prefetch", "eager", "phase"]) {
        expect(source.asked.at(-1)?.kind).toBe(kind);
        await fail(all);
      }
      expect(idle()).toBe(true);
      expect(heard.map((line) => line.split(":")[0])).toEqual([
        "prefetch > eager",
        "eager > phase",
        "phase > boot",
      ]);
      for (const line of heard) expect(line).toContain(words);
      await boot(all);
      expect(starts.map(({ kind }) => kind)).toEqual(["boot"]);
      expect(units.specs.at(-1)?.image).toBeUndefined();
      expect(runtime.asked.filter((one) => one.startsWith("load"))).toEqual([]);
      units.latest.exit({ kind: "exited", code: 3 });
      await turn();
      expect(heard.slice(3)).toEqual(["ready", "ended"]);
      expect(clock.timers).toBe(0);
    },
  );

  it("gives each attempt, and the boot, the whole time for initialisation (R3)", async () => {
    const all = scene({ kind: "phase" });
    const { source, clock, begin, exit, ends, heard } = all;
    begin();
    await source.answer();
    clock.advance(seconds(10));
    await exit(killed);
    clock.advance(seconds(9));
    await boot(all);
    expect(heard.at(-1)).toBe("ready");
    expect(ends).toEqual([]);
    // What is known of boots does not have the failed attempt in it.
    expect(source.told).toEqual(["booted greet 9"]);
  });

  it("tells of snapshots that cannot be restored, and only of these", async () => {
    for (const [, words, fail] of failures) {
      const all = scene();
      all.begin();
      await fail(all);
      const isUnrestorable = words === "bad image" || words === "no";
      expect(all.source.told.map((line) => line.split(":")[0])).toEqual(
        isUnrestorable ? ["failed snapshot-prefetch"] : [],
      );
    }
  });

  it("does not try again where the function's own initialisation fails", async () => {
    const { source, units, runtime, ends, begin, exit } = scene({ kind: "phase" });
    begin();
    await source.answer();
    units.latest.launch(seconds(0));
    runtime.says.resumed(seconds(0));
    runtime.says.initFailed(functionError);
    await exit(killed);
    expect(ends).toMatchObject([{ kind: "start-failed", error: { code: "init-failed" } }]);
    expect([units.units.length, source.releases]).toEqual([1, [1]]);
  });

  it("boots at once where that is asked for, without a look at snapshots (R3)", async () => {
    const all = scene({ kind: "boot" });
    const { units, source, begin } = all;
    begin();
    expect([units.units.length, source.asked]).toEqual([1, []]);
    await boot(all);
    expect(all.heard).toEqual(["ready"]);
  });

  it("boots on a host that makes no snapshots", async () => {
    const { units, heard, begin } = scene({}, { source: undefined });
    begin();
    await turn();
    expect(units.specs.map(({ image }) => image)).toEqual([undefined]);
    expect(heard.at(-1)).toBe("phase > boot: this host makes no snapshots");
  });

  it("ends as a start that failed where no unit can be launched", async () => {
    const { units, source, heard, ends, begin } = scene();
    units.problem = new FrugalError("host-unsupported", "no namespaces");
    begin();
    for (let rung = 0; rung < 3; rung++) await source.answer();
    await turn();
    expect(heard).toHaveLength(4);
    expect(ends).toMatchObject([{ kind: "start-failed", error: { message: "no namespaces" } }]);
    expect(source.releases).toEqual([1, 1, 1]);
  });

  it("counts the CPU time of all its attempts, and keeps the count after the end", async () => {
    const { source, units, begin, exit } = scene();
    const ladder = begin();
    expect(ladder.cpuTime()).toBeUndefined();
    await source.answer();
    units.latest.cpu = seconds(2);
    await exit({ kind: "unrestorable", reason: "bad" });
    await source.answer();
    units.latest.cpu = seconds(3);
    expect(ladder.cpuTime()).toBe(5);
    ladder.stop();
    await exit(killed);
    expect(ladder.cpuTime()).toBe(5);
  });

  it("is stopped at any moment, with nothing left (R1, R2)", async () => {
    // 0: before the restore is prepared; 1: while the clone starts; 2: while a failed one is being released; 3: ready
    for (const moment of [0, 1, 2, 3]) {
      const { source, units, runtime, heard, ends, begin, exit } = scene();
      const ladder = begin();
      if (moment === 0) ladder.stop();
      await source.answer();
      if (moment === 1) ladder.stop();
      if (moment === 2) {
        units.latest.exit({ kind: "unrestorable", reason: "bad" });
        ladder.stop();
      } else if (moment === 3) {
        units.latest.launch(seconds(0));
        await turn();
        runtime.says.resumed(seconds(0));
        ladder.stop();
      }
      if (moment > 0) await exit(killed);
      expect(ends).toEqual([{ kind: "stopped" }]);
      expect(heard).toEqual(moment === 3 ? ["ready", "ended"] : ["ended"]);
      expect(source.releases).toEqual([1]);
      expect(units.units).toHaveLength(moment === 0 ? 0 : 1);
      expect((await outcomeOf(ladder)).kind).toBe("lost");
    }
  });

  const action = fc.constantFrom(
    ...([
      "prepare",
      "refuse",
      "launch",
      "resumed",
      "ready",
      "hookFailed",
      "initFailed",
      "unrestorable",
    ] as const),
    ...(["unusable", "exit", "stop", "wait", "turn", "invoke", "succeed"] as const),
  );
  const kinds = fc.constantFrom<StartKind>("boot", "phase", "eager", "lazy", "prefetch");

  it("is one instance to its listener, whatever happens, and lets go of everything (R1, R2, R3)", async () => {
    await fc.assert(
      fc.asyncProperty(kinds, fc.array(action, { maxLength: 30 }), async (kind, actions) => {
        const { clock, units, runtime, source, heard, begin } = scene({ kind });
        const living = new Set<FakeUnit>();
        source.before = () => {
          expect(source.releases.every((count) => count >= 1)).toBe(true);
          expect(living.size).toBe(0);
        };
        const ladder = begin();
        if (kind === "boot") expect(units.units).toHaveLength(1);
        let outcomes = 0;
        let invoked = 0;
        const latest = (): FakeUnit | undefined => {
          for (const unit of units.units) if (!ended.has(unit)) living.add(unit);
          return units.units.at(-1);
        };
        const ended = new Set<FakeUnit>();
        const end = (how: UnitExit): void => {
          const unit = latest();
          if (unit === undefined) return;
          living.delete(unit);
          ended.add(unit);
          unit.exit(how);
        };
        const say = (): FakeRuntime["says"] | undefined =>
          latest() === undefined ? undefined : runtime.says;
        for (const step of actions) {
          if (step === "prepare") await source.answer();
          else if (step === "refuse") await source.answer(new Error("refused"));
          else if (step === "launch") latest()?.launch(seconds(0.1));
          else if (step === "hookFailed") say()?.hookFailed(functionError);
          else if (step === "initFailed") say()?.initFailed(functionError);
          else if (step === "resumed" || step === "ready") say()?.[step](seconds(0));
          else if (step === "unrestorable" || step === "unusable") end({ kind: step, reason: "r" });
          else if (step === "exit") end({ kind: "exited", code: 1 });
          else if (step === "stop") ladder.stop();
          else if (step === "wait") clock.advance(seconds(6));
          else if (step === "turn") await turn();
          else if (step === "invoke" && heard.includes("ready") && invoked === outcomes) {
            invoked++;
            void outcomeOf(ladder).then(() => outcomes++);
          } else if (step === "succeed")
            say()?.succeeded(runtime.invoked.at(-1) ?? 1, Buffer.from("1"), unknownUsage);
        }
        ladder.stop();
        await source.answer();
        end(killed);
        await turn();
        expect(heard.filter((line) => line === "ready").length).toBeLessThanOrEqual(1);
        expect(heard.filter((line) => line === "ended")).toHaveLength(1);
        expect(heard.at(-1)).toBe("ended");
        expect(heard.slice(heard.indexOf("ready") + 1).filter((line) => line.includes(">"))).toEqual(
          heard.includes("ready") ? [] : heard.filter((line) => line.includes(">")),
        );
        expect(source.releases).toEqual(source.releases.map(() => 1));
        expect(outcomes).toBe(invoked);
        expect(clock.timers).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});
