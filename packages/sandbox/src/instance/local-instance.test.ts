import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seconds, type StartPhases } from "@frugal/core";
import { FakeClock } from "../../test/fake-clock.ts";
import { FakeRuntime, unknownUsage } from "../../test/fake-runtime.ts";
import { FakeUnit } from "../../test/fake-unit.ts";
import { instanceSpec } from "../../test/instance-spec.ts";
import type { InstanceSpec } from "../instance-spec.ts";
import type { InstanceEnd, InvokeOutcome } from "../sandbox.ts";
import type { UnitExit } from "../unit/unit.ts";
import { LocalInstance, type Origin } from "./local-instance.ts";

/** Lets everything happen that the event loop has ready. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
const functionError = { errorType: "Error", errorMessage: "no" };

function scene(changes: Partial<InstanceSpec> = {}, origin: Origin = { kind: "boot" }) {
  const clock = new FakeClock();
  const unit = new FakeUnit();
  const runtime = new FakeRuntime();
  const heard: string[] = [];
  const ends: InstanceEnd[] = [];
  const blames: boolean[] = [];
  const phases: StartPhases[] = [];
  const outcomes: InvokeOutcome[][] = [];
  const instance = new LocalInstance({
    spec: instanceSpec(changes),
    unit,
    runtime,
    clock,
    begun: clock.now(),
    origin,
    listener: {
      ready: (times) => {
        heard.push("ready");
        phases.push(times);
      },
      ended: (end, isSnapshotAtFault) => {
        heard.push("ended");
        ends.push(end);
        blames.push(isSnapshotAtFault);
      },
      log: (requestId, stream, text) => heard.push(`${requestId ?? "-"} ${stream} ${text}`),
    },
  });
  const invoke = (): void => {
    const mine: InvokeOutcome[] = [];
    outcomes.push(mine);
    const request = { requestId: `r${outcomes.length}`, payload: Buffer.from("{}"), functionArn: "arn" };
    instance.invoke(request, (outcome) => {
      heard.push(`${request.requestId} ${outcome.kind}`);
      mine.push(outcome);
    });
  };
  const start = async (): Promise<void> => {
    unit.launch(seconds(0.01));
    await turn();
    clock.advance(seconds(0.05));
    runtime.says.started(seconds(0));
    clock.advance(seconds(0.2));
    runtime.says.ready(seconds(0));
  };
  const exit = async (how: UnitExit): Promise<void> => {
    runtime.drain();
    unit.exit(how);
    await turn();
  };
  return { clock, unit, runtime, heard, ends, blames, phases, outcomes, instance, invoke, start, exit };
}

const code = (end: InstanceEnd | InvokeOutcome | undefined): string =>
  end !== undefined && "error" in end && "code" in end.error ? end.error.code : (end?.kind ?? "nothing");

describe("LocalInstance", () => {
  it("tells the phases of its start", async () => {
    const { start, phases } = scene();
    await start();
    expect(phases).toHaveLength(1);
    expect(phases[0]?.unit).toBe(0.01);
    expect(phases[0]?.runtime).toBeCloseTo(0.04);
    expect(phases[0]?.init).toBeCloseTo(0.2);
  });

  it("tells them as they were, although it hears of everything at once and late", async () => {
    const { clock, unit, runtime, phases } = scene();
    clock.advance(seconds(10));
    unit.launch(seconds(2));
    runtime.says.started(seconds(5));
    runtime.says.ready(seconds(1));
    await turn();
    expect(phases).toEqual([{ unit: 2, restore: 0, runtime: 3, init: 4 }]);
  });

  it("gives a start no negative phase, whatever the function says", () => {
    const age = fc.double({ min: 0, max: 100, noNaN: true }).map(seconds);
    return fc.assert(
      fc.asyncProperty(age, age, async (started, ready) => {
        const { clock, unit, runtime, phases } = scene();
        clock.advance(seconds(10));
        unit.launch(seconds(2));
        runtime.says.started(started);
        runtime.says.ready(ready);
        await turn();
        const { unit: launch = -1, runtime: start = -1, init = -1 } = phases[0] ?? {};
        expect(Math.min(launch, start, init)).toBeGreaterThanOrEqual(0);
        expect(launch + start + init).toBeLessThanOrEqual(10 + 1e-9);
      }),
      { numRuns: 50 },
    );
  });

  it("counts all of a start without a runtime of the platform's as initialisation", async () => {
    const { clock, unit, runtime, phases } = scene();
    clock.advance(seconds(10));
    unit.launch(seconds(2));
    runtime.says.ready(seconds(0));
    await turn();
    expect(phases).toEqual([{ unit: 2, restore: 0, runtime: 0, init: 8 }]);
  });

  it("ends an invocation that runs over its timeout, and the others with it", async () => {
    const { start, invoke, clock, unit, outcomes, ends, exit } = scene({
      concurrency: 2,
      invokeTimeout: seconds(3),
    });
    await start();
    invoke();
    clock.advance(seconds(2));
    invoke();
    clock.advance(seconds(1));
    await turn();
    expect(outcomes.flat().map(code)).toEqual(["function-timeout", "function-crashed"]);
    expect(JSON.stringify(outcomes[0])).toContain("timeout of 3 s");
    expect(unit.isKilled).toBe(true);
    expect(ends).toEqual([]);
    await exit({ kind: "signalled", signal: "SIGKILL" });
    expect(ends.map(code)).toEqual(["function-timeout"]);
    expect(clock.timers).toBe(0);
  });

  it("gives each invocation its own deadline, with one timer", async () => {
    const { start, invoke, clock, runtime, outcomes } = scene({ invokeTimeout: seconds(3) });
    await start();
    for (let i = 1; i <= 5; i++) {
      invoke();
      clock.advance(seconds(2));
      runtime.says.succeeded(i, Buffer.from("1"), unknownUsage);
      await turn();
      expect(clock.timers).toBeLessThanOrEqual(1);
    }
    expect(outcomes.flat().map((outcome) => outcome.kind)).toEqual(Array(5).fill("success"));
  });

  const crashes: [UnitExit, string, string][] = [
    [{ kind: "exited", code: 3 }, "function-crashed", "exit code 3"],
    [{ kind: "signalled", signal: "SIGSEGV" }, "function-crashed", "SIGSEGV"],
    [{ kind: "out-of-memory" }, "out-of-memory", "256 MiB"],
    [{ kind: "unusable", reason: "gone" }, "instance-lost", "gone"],
    [{ kind: "lost", reason: "the pager has ended" }, "instance-lost", "the pager has ended"],
  ];
  it.each(crashes)("says why when the process ends: %j", async (how, expected, words) => {
    const { start, invoke, exit, outcomes, ends } = scene();
    await start();
    invoke();
    await exit(how);
    expect([...outcomes.flat(), ...ends].map(code)).toEqual([expected, expected]);
    expect(JSON.stringify(ends)).toContain(words);
  });

  it("is lost through no fault of the function, also while it starts and after it has ended", async () => {
    const { invoke, exit, outcomes, ends } = scene();
    await exit({ kind: "lost", reason: "pid 1 of its unit was killed" });
    expect(ends.map(({ kind }) => kind)).toEqual(["start-failed"]);
    expect(ends.map(code)).toEqual(["instance-lost"]);
    invoke();
    await turn();
    expect(outcomes.flat().map(code)).toEqual(["instance-lost"]);
  });

  it("takes an abort for lack of heap as out of memory", async () => {
    const { start, invoke, exit, unit, outcomes } = scene();
    await start();
    invoke();
    unit.stderr.write("fatal: out of heap\n");
    await exit({ kind: "signalled", signal: "SIGABRT" });
    expect(outcomes.flat().map(code)).toEqual(["out-of-memory"]);
  });

  it("fails the start on an error, an exit or a timeout of the initialisation", async () => {
    const failing = scene();
    failing.runtime.says.initFailed({ ...functionError, stackTrace: ["Error: no", "    at x.js:1"] });
    await failing.exit({ kind: "signalled", signal: "SIGKILL" });
    const exiting = scene();
    await exiting.exit({ kind: "exited", code: 0 });
    const slow = scene({ initTimeout: seconds(10) });
    slow.clock.advance(seconds(10));
    await slow.exit({ kind: "signalled", signal: "SIGKILL" });
    const ends = [failing, exiting, slow].flatMap(({ ends }) => ends);
    expect(ends.map((end) => end.kind)).toEqual(Array(3).fill("start-failed"));
    expect(ends.map(code)).toEqual(["init-failed", "init-failed", "init-timeout"]);
    expect(JSON.stringify(ends[0])).toContain("at x.js:1");
  });

  it("logs before the outcome, in whole lines, and whose it is where that can be told (L3)", async () => {
    const { start, invoke, unit, runtime, heard } = scene();
    unit.stdout.write("load");
    unit.stdout.write("ing\n");
    await start();
    invoke();
    runtime.says.wrote(1, "stderr", Buffer.from("from the runtime\n"));
    unit.stdout.write("native ");
    runtime.says.succeeded(1, Buffer.from("1"), unknownUsage);
    await turn();
    expect(heard).toEqual([
      "- stdout loading\n",
      "ready",
      "r1 stderr from the runtime\n",
      "r1 stdout native ",
      "r1 success",
    ]);
  });

  it("keeps 1 MiB of an invocation's output and says how much it dropped", async () => {
    const { start, invoke, unit, runtime, heard } = scene();
    await start();
    invoke();
    for (let i = 0; i < 30; i++) unit.stdout.write(Buffer.alloc(65_536, "x".repeat(63) + "\n"));
    await turn();
    runtime.says.dropped(1, 1000);
    runtime.says.succeeded(1, Buffer.from("1"), unknownUsage);
    await turn();
    const logged = heard.filter((line) => line.startsWith("r1 stdout ")).join("").length;
    expect(logged).toBeLessThan(1_049_000);
    expect(heard.at(-2)).toBe(
      `r1 stderr frugal: ${14 * 65_536 + 1000} bytes of output were dropped: one invocation can log 1048576 bytes\n`,
    );
  });

  it("does not wait for ever for streams that a stray process holds open", async () => {
    const { start, unit, clock, ends } = scene();
    await start();
    unit.exit({ kind: "exited", code: 0 }, true);
    await turn();
    expect(ends).toEqual([]);
    clock.advance(seconds(1));
    await turn();
    expect(ends.map(code)).toEqual(["function-crashed"]);
  });

  const clone: Origin = { kind: "snapshot", isPhase: false, environment: { COLOUR: "red" } };
  const phase: Origin = { ...clone, isPhase: true };

  it("is ready when a clone has resumed, in its own environment", async () => {
    const { clock, unit, runtime, phases } = scene({}, clone);
    expect(runtime.asked).toEqual([`resume {"COLOUR":"red"}`]);
    clock.advance(seconds(1));
    unit.launch(seconds(0.75), seconds(0.25));
    await turn();
    expect(phases).toEqual([]);
    runtime.says.resumed(seconds(0));
    expect(phases).toEqual([{ unit: 0.25, restore: 0.5, runtime: 0, init: 0.25 }]);
  });

  it("has a clone of a boot phase load the function", async () => {
    const { clock, unit, runtime, phases } = scene({}, phase);
    clock.advance(seconds(1));
    unit.launch(seconds(0.75), seconds(0.25));
    await turn();
    runtime.says.resumed(seconds(0));
    expect(runtime.asked.at(-1)).toBe(`load {"COLOUR":"red"}`);
    expect(phases).toEqual([]);
    clock.advance(seconds(2));
    runtime.says.ready(seconds(0));
    expect(phases).toEqual([{ unit: 0.25, restore: 0.5, runtime: 0.25, init: 2 }]);
  });

  const ends: [string, Origin, boolean, string, (at: ReturnType<typeof scene>) => void][] = [
    [
      "an unrestorable image",
      clone,
      true,
      "snapshot-unusable",
      ({ unit }) => unit.exit({ kind: "unrestorable", reason: "r" }),
    ],
    [
      "a failing hook",
      clone,
      true,
      "snapshot-unusable",
      ({ runtime }) => runtime.says.hookFailed(functionError),
    ],
    ["a clone that hangs", clone, true, "init-timeout", ({ clock }) => clock.advance(seconds(30))],
    [
      "a clone that crashes",
      clone,
      true,
      "init-failed",
      ({ unit }) => unit.exit({ kind: "signalled", signal: "SIGSEGV" }),
    ],
    [
      "a clone that talks nonsense",
      clone,
      true,
      "function-crashed",
      ({ runtime }) => runtime.says.broken({ code: "function-crashed", message: "?" }),
    ],
    [
      "initialisation in a phase",
      phase,
      false,
      "init-failed",
      ({ runtime }) => runtime.says.initFailed(functionError),
    ],
    [
      "a boot that crashes",
      { kind: "boot" },
      false,
      "init-failed",
      ({ unit }) => unit.exit({ kind: "exited", code: 1 }),
    ],
  ];
  it.each(ends)("says whether the snapshot is at fault: %s", async (_, ...way) => {
    const [origin, isAtFault, expected, fail] = way;
    const all = scene({}, origin);
    fail(all);
    await all.exit({ kind: "signalled", signal: "SIGKILL" });
    expect(all.ends.map((end) => [end.kind, code(end)])).toEqual([["start-failed", expected]]);
    expect(all.blames).toEqual([isAtFault]);
  });

  it("does not blame the snapshot for what happens to a ready clone", async () => {
    for (const fail of [
      ({ runtime }: ReturnType<typeof scene>) => runtime.says.hookFailed(functionError),
      ({ unit }: ReturnType<typeof scene>) => unit.exit({ kind: "unusable", reason: "the pager died" }),
    ]) {
      const all = scene({}, clone);
      all.unit.launch(seconds(0));
      await turn();
      all.runtime.says.resumed(seconds(0));
      fail(all);
      await all.exit({ kind: "signalled", signal: "SIGKILL" });
      expect([all.ends.map(({ kind }) => kind), all.blames]).toEqual([["lost"], [false]]);
    }
  });

  const action = fc.constantFrom(
    ...([
      "launch",
      "started",
      "ready",
      "initFailed",
      "invoke",
      "succeed",
      "fail",
      "uncaught",
      "hungUp",
    ] as const),
    ...(["broken", "exit", "stop", "wait", "turn", "output"] as const),
  );
  it("reports its life once and in order, and every invocation once, whatever happens (L1, L2, L4)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.array(action, { maxLength: 25 }), async (begins, actions) => {
        const { clock, unit, runtime, heard, outcomes, instance, invoke, start, exit } = scene({
          concurrency: 3,
        });
        if (begins) await start();
        const running = () => outcomes.filter((mine) => mine.length === 0).length;
        for (const step of actions) {
          const number = runtime.invoked.at(-1) ?? 1;
          if (step === "launch") unit.launch(seconds(0.1));
          else if (step === "invoke" && running() === 3) continue;
          else if (step === "invoke") invoke();
          else if (step === "succeed") runtime.says.succeeded(number, Buffer.from("1"), unknownUsage);
          else if (step === "fail") runtime.says.failed(number, functionError, unknownUsage);
          else if (step === "uncaught") runtime.says.uncaught(number, functionError);
          else if (step === "initFailed") runtime.says.initFailed(functionError);
          else if (step === "broken") runtime.says.broken({ code: "function-crashed", message: "broken" });
          else if (step === "exit") unit.exit({ kind: "exited", code: 1 });
          else if (step === "stop") instance.stop();
          else if (step === "wait") clock.advance(seconds(16));
          else if (step === "output") unit.stdout.write("text");
          else if (step === "turn") await turn();
          else if (step === "hungUp") runtime.says.hungUp();
          else runtime.says[step](seconds(0));
        }
        instance.stop();
        await exit({ kind: "signalled", signal: "SIGKILL" });
        instance.stop();
        expect(heard.filter((word) => word === "ready").length).toBeLessThanOrEqual(1);
        expect(heard.filter((word) => word === "ended")).toHaveLength(1);
        expect(outcomes.map((mine) => mine.length)).toEqual(outcomes.map(() => 1));
        const afterEnd = heard.slice(heard.indexOf("ended") + 1);
        expect(afterEnd.filter((word) => !word.endsWith(" lost"))).toEqual([]);
        expect(clock.timers).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});
