import { mebibytes, seconds } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { fakeSteps } from "../../../test/fake-clocks.ts";
import { definition, name, request, setUp } from "../../../test/live-platform-rig.ts";

describe("LivePlatform on a paced machine", () => {
  it("sets clocks before it dispatches, binds instances to processors, and says how it was paced", () => {
    const { clocks, clock, sandbox, answers, invoke } = setUp(mebibytes(64), undefined, "frugal");
    expect(clocks.log.splice(0)).toEqual(["core 0 1", "core 1 1", "uncore 0 1"]);
    invoke("one");
    expect(sandbox.latest.spec.cpus).toEqual([0]);
    expect(clocks.log.splice(0)).toEqual(["core 0 3", "uncore 0 3"]);
    sandbox.latest.ready();
    // Between the start and the dispatch, nothing goes down.
    expect(clocks.log).toEqual([]);
    sandbox.latest.succeed("one", "1");
    expect(answers.get("one")).toMatchObject({
      pace: { state: "set", clocks: { core: fakeSteps[2], uncore: fakeSteps[2] }, budget: undefined },
    });
    // Somebody may come next.
    expect(clocks.log).toEqual([]);
    clock.advance(0.02);
    expect(clocks.log.slice(-2)).toEqual(["core 0 1", "uncore 0 1"]);
  });

  it("teaches the models by the size and the variant that the payload has", () => {
    const { clock, sandbox, platform, stageModel } = setUp(mebibytes(64), undefined, "frugal");
    platform.deploy({ ...definition, revision: 2, work: { size: "nodes", hyperparameters: ["density"] } });
    const run = (requestId: string, payload: string): void => {
      platform.invoke(name, { ...request(requestId), payload: Buffer.from(payload) }, () => undefined);
      clock.advance(0.5);
      if (requestId === "first") sandbox.latest.ready();
      clock.advance(0.5);
      sandbox.latest.succeed(requestId, "1");
    };
    // Of the first invocation of an instance nothing is learnt.
    run("first", "{}");
    run("sparse", '{"nodes": 400, "density": 0.1}');
    run("dense", '{"density": 0.9, "nodes": 40000}');
    run("without", "{}");
    const learnt = stageModel.toJSON().functions.map(({ key, recent }) => [key, recent[0]?.payload]);
    expect(learnt).toEqual([
      ["greet?density=0.1", 400],
      ["greet?density=0.9", 40_000],
      ["greet?size=bytes", 2],
    ]);
  });

  it("puts the clocks back when it closes, also where the sandbox does not", async () => {
    const { clocks, platform, sandbox } = setUp(mebibytes(64), undefined, "frugal");
    sandbox.close = () => Promise.reject(new Error("A unit does not end"));
    await expect(platform.close(seconds(1))).rejects.toThrow("does not end");
    expect(clocks.log.at(-1)).toBe("close");
  });

  it("waits for nothing any more once it is closed", async () => {
    const { clock, platform, invoke, sandbox } = setUp(mebibytes(64), undefined, "ondemand");
    invoke("one");
    sandbox.latest.ready();
    const closed = platform.close(seconds(1));
    clock.advance(1);
    await closed;
    expect(clock.alarms).toBe(0);
  });

  it("tells a governor how busy the clock domains were", () => {
    const { clocks, clock } = setUp(mebibytes(64), undefined, "ondemand");
    clocks.log.splice(0);
    clock.advance(1);
    expect(clocks.log).toContain("core 1 3");
    expect(clocks.log).not.toContain("core 0 3");
  });
});
