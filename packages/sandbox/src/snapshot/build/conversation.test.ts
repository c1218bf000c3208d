import { describe, expect, it } from "vitest";
import { seconds } from "@frugal/core";
import { FakeClock } from "../../../test/fake-clock.ts";
import { FakeRuntime, unknownUsage } from "../../../test/fake-runtime.ts";
import { FakeUnit } from "../../../test/fake-unit.ts";
import { instanceSpec } from "../../../test/instance-spec.ts";
import { Conversation } from "./conversation.ts";

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
const functionError = { errorType: "Error", errorMessage: "no" };
const patience = seconds(5);

function scene(isRuntimeOnly = false) {
  const clock = new FakeClock();
  const unit = new FakeUnit();
  unit.endsWhenKilled = true;
  const runtime = new FakeRuntime();
  const spec = instanceSpec({});
  const conversation = new Conversation({ spec, unit, runtime, clock, isRuntimeOnly });
  return { clock, unit, runtime, conversation };
}

describe("Conversation", () => {
  it("answers each question with the time of the step, also where the answer was first", async () => {
    const { clock, runtime, conversation } = scene();
    clock.advance(seconds(3));
    runtime.says.started(seconds(0));
    runtime.says.loading({ files: [], environmentReads: { A: null }, absences: [] });
    runtime.says.ready(seconds(1));
    expect(await conversation.ready(patience)).toBe(2);
    expect(conversation.loading?.environmentReads).toEqual({ A: null });
    for (const number of [1, 2]) {
      const invoked = conversation.invoke(Buffer.from("{}"), patience);
      clock.advance(seconds(1));
      if (number === 1) runtime.says.succeeded(number, Buffer.from("1"), unknownUsage);
      else runtime.says.failed(number, functionError, unknownUsage);
      expect(await invoked).toBe(3 + number);
    }
    const quiesced = conversation.quiesce(patience);
    runtime.says.quiesced(seconds(0));
    await quiesced;
    expect([runtime.invoked, runtime.asked]).toEqual([[1, 2], ["quiesce"]]);
    expect(clock.timers).toBe(0);
  });

  it("is ready as soon as the language runtime is, where there is no more", async () => {
    const { runtime, conversation } = scene(true);
    runtime.says.started(seconds(0));
    await conversation.ready(patience);
    const loaded = conversation.loadModules(["a.js", "b.js"], {}, patience);
    runtime.says.loaded(seconds(0));
    await loaded;
    expect(runtime.asked).toEqual(["load a.js,b.js"]);
  });

  it("asks a clone to resume in its own environment", async () => {
    const { runtime, conversation } = scene();
    const resumed = conversation.resume({ COLOUR: "red" }, patience);
    runtime.says.resumed(seconds(0));
    await resumed;
    expect(runtime.asked).toEqual([`resume {"COLOUR":"red"}`]);
  });

  type Scene = ReturnType<typeof scene>;
  const failures: [string, string, (at: Scene) => void][] = [
    [
      "a step takes too long",
      "it took longer than 5 s until it was quiesced",
      ({ clock }) => clock.advance(patience),
    ],
    ["a hook fails", "Error: no", ({ runtime }) => runtime.says.hookFailed(functionError)],
    [
      "initialisation fails",
      "its initialisation failed: Error: no",
      ({ runtime }) => runtime.says.initFailed(functionError),
    ],
    [
      "an error is not caught",
      "uncaught error: Error: no",
      ({ runtime }) => runtime.says.uncaught(1, functionError),
    ],
    [
      "it talks nonsense",
      "nonsense",
      ({ runtime }) => runtime.says.broken({ code: "internal", message: "nonsense" }),
    ],
    ["it exits", "exit code 3; it wrote: oh no", ({ unit }) => unit.exit({ kind: "exited", code: 3 })],
    ["it is killed", "signal SIGKILL; it wrote: oh no", ({ unit }) => unit.kill()],
    [
      "it needs too much memory",
      "more memory than its limit",
      ({ unit }) => unit.exit({ kind: "out-of-memory" }),
    ],
    [
      "it cannot be restored",
      "criu says no",
      ({ unit }) => unit.exit({ kind: "unrestorable", reason: "criu says no" }),
    ],
  ];
  it.each(failures)("says why there is no answer, and to all later questions: %s", async (_, words, fail) => {
    const all = scene();
    const { unit, clock, conversation } = all;
    unit.stderr.write("oh no\n");
    await turn();
    const quiesced = conversation.quiesce(patience);
    quiesced.catch(() => undefined);
    fail(all);
    await expect(quiesced).rejects.toMatchObject({
      code: "snapshot-unusable",
      message: expect.stringContaining(words) as string,
    });
    await expect(conversation.resume({}, patience)).rejects.toThrow(words);
    await conversation.end();
    expect([unit.isKilled, clock.timers]).toEqual([true, 0]);
  });
});
