import { seconds } from "@frugal/core";
import { describe, expect, it } from "vitest";
import { modelRig } from "../../../test/meter-rigs.ts";
import { temporaryHost } from "../../../test/host-tree.ts";
import { reasonOf } from "../../../test/reason-of.ts";
import { loadReferenceServers } from "../reference-servers/load.ts";
import { probeModel } from "./utilisation-model-meter.ts";

describe("utilisation model", () => {
  it("scales the reference server's idle and full power by hardware threads", () => {
    const rig = modelRig();
    rig.meter.measure();
    rig.draw(seconds(10), 0);
    const idle = rig.meter.measure();
    rig.draw(seconds(10), 1);
    const full = rig.meter.measure();
    // Two of the 192 threads of the EPYC 9654 server, 62.8 W to 356 W.
    expect(idle.kind === "energy" ? idle.joules : 0).toBeCloseTo((62.8 / 192) * 2 * 10, 2);
    expect(full.kind === "energy" ? full.joules : 0).toBeCloseTo((356 / 192) * 2 * 10, 2);
    rig.dispose();
  });

  it("never exceeds full power, though whole ticks may show more use than there was time", () => {
    const rig = modelRig();
    rig.meter.measure();
    rig.draw(seconds(1), 3);
    const reading = rig.meter.measure();
    expect(reading.kind === "energy" ? reading.joules : 0).toBeCloseTo((356 / 192) * 2, 2);
    rig.dispose();
  });

  it("is unavailable where the host does not tell its processor or its use", () => {
    const servers = loadReferenceServers();
    const clock = { now: () => seconds(0) };
    expect(reasonOf(probeModel({ procRoot: "/nowhere", clock, processor: undefined, servers }))).toContain(
      "cpuinfo",
    );
    const tree = temporaryHost("vm-nothing");
    tree.remove("proc/stat");
    const processor = {
      architecture: "x86_64",
      vendor: "amd",
      modelName: "AMD EPYC",
      cpuId: "25/17",
      threads: 2,
      cores: 2,
      virtualised: true,
    } as const;
    expect(reasonOf(probeModel({ procRoot: tree.procRoot, clock, processor, servers }))).toContain(
      "stat: not there",
    );
  });
});
