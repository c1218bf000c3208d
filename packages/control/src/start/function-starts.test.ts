import { cores, mebibytes, seconds, snapshotModes, type StartOffer, startKinds } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { machine } from "../../test/shell-with.ts";
import { Machine } from "../route/machine.ts";
import { FunctionStarts } from "./function-starts.ts";

const offers: readonly StartOffer[] = startKinds.map((kind) => ({
  kind,
  latency: seconds(0.2),
  cpu: undefined,
  memory: mebibytes(30),
}));
const able = new Machine(machine({ snapshots: true }));
const limits = { memory: mebibytes(128), cores: cores(0.5) };

describe("FunctionStarts", () => {
  it("offers to policies what the function's mode allows, and never lazy paging", () => {
    const kinds = snapshotModes.map((mode) => {
      const starts = new FunctionStarts();
      starts.offer(able, offers, mode);
      return starts.kindsOn(able);
    });
    expect(kinds).toEqual([["boot"], ["boot", "phase", "eager"], ["boot", "phase", "eager", "prefetch"]]);
  });

  it("offers a boot alone on machines without snapshots, and where they are gone", () => {
    const starts = new FunctionStarts();
    const unable = new Machine(machine());
    starts.offer(unable, offers, "prefetch");
    starts.offer(able, offers, "prefetch");
    expect(starts.kindsOn(unable)).toEqual(["boot"]);
    starts.offer(able, [], "prefetch");
    expect(starts.kindsOn(able)).toEqual(["boot"]);
  });

  it("predicts by what it saw, before that by what was offered, before that by its boot", () => {
    const starts = new FunctionStarts();
    starts.observe("boot", seconds(1), seconds(0.8), undefined);
    expect(starts.predict("prefetch", limits, undefined)).toMatchObject({
      latency: 0.3,
      cpu: 0.15,
      memory: mebibytes(128),
      isMeasured: false,
    });
    starts.offer(able, offers, "prefetch");
    expect(starts.predict("prefetch", limits, undefined)).toMatchObject({
      latency: 0.2,
      memory: mebibytes(30),
      isMeasured: true,
    });
    starts.observe("prefetch", seconds(0.1), seconds(0.02), mebibytes(10));
    expect(starts.predict("prefetch", limits, undefined)).toMatchObject({
      latency: expect.closeTo(0.18) as number,
      cpu: 0.02,
    });
  });

  it("takes what it does not know of a kind for no advantage", () => {
    const starts = new FunctionStarts();
    starts.observeFirst("boot", seconds(0.4));
    starts.observeFirst("eager", seconds(0.3));
    expect(starts.predict("prefetch", limits, seconds(0.1)).service).toBe(0.4);
  });
});
