import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytes, functionName, gridSetting, gridSize } from "@frugal/core";
import { hostFacts } from "@frugal/machine";
import { GreyBoxModel, softwareCounters } from "@frugal/predict";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { containing, type, type World } from "../../../test/command-line.ts";
import { type FakeNode, type FakeNodeOptions, fakeNode } from "../../../test/fake-node.ts";

const functions = {
  encode: { shares: { core: 0.92, uncore: 0.07, memory: 0.01 }, seconds: 0.02, secondsPerByte: 2e-3 },
  fetch: { shares: { core: 0.4, uncore: 0.01, memory: 0.59 }, seconds: 0.05, secondsPerByte: 1e-3 },
};
const inputs = Object.fromEntries(
  Object.keys(functions).map((name) => [
    name,
    ["", "x".repeat(40), "x".repeat(120)].map((text) => ({ text })),
  ]),
);

let folder: string;
let node: FakeNode | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "calibrate-"));
  writeFileSync(join(folder, "inputs.json"), JSON.stringify(inputs));
});
afterEach(async () => {
  await node?.close();
  node = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function run(argv: readonly string[], options: Partial<FakeNodeOptions> = {}, world: World = {}) {
  node = await fakeNode({ functions, ...options });
  return type(["calibrate", ...argv], {
    workingDirectory: folder,
    ...world,
    environment: { FRUGAL_ENDPOINT: node.url },
  });
}

const answerSchema = z.object({
  settings: z.number(),
  executions: z.number(),
  leftOut: z.number(),
  withPower: z.number(),
  quality: z.object({ coreSplit: z.string(), uncoreSplit: z.string(), power: z.string() }),
  output: z.string(),
});

const hasClocks = hostFacts().some(({ name, available }) => name === "core clocks" && available);

describe("frugal calibrate", () => {
  it("says what this host lacks, before it asks any platform", async () => {
    const { exitCode, out } = await type(["calibrate", "--json"], {
      environment: {},
      workingDirectory: folder,
    });
    // A host that lacks nothing goes on to ask for functions.
    expect(exitCode).toBe(hasClocks ? 2 : 3);
    const missing = [containing("cpufreq"), containing("hardware")];
    expect(hasClocks || JSON.parse(out)).toEqual(hasClocks || { kind: "unavailable", missing });
  });

  it("sweeps the clocks, fits a model that knows the machine, and gives the clocks back (O1)", async () => {
    const { exitCode, out, err } = await run(["--payloads", "inputs.json", "--rounds", "2", "--json"]);
    expect([exitCode, err]).toEqual([
      0,
      "running 144 invocations at 12 pairs of clocks\nfitting models to 144 executions\n",
    ]);
    const answer = answerSchema.parse(JSON.parse(out));
    expect(answer).toMatchObject({
      settings: 12,
      executions: 144,
      leftOut: 0,
      withPower: 144,
      quality: { coreSplit: "fitted", uncoreSplit: "fitted", power: "fitted" },
    });
    expect(node?.isHeld()).toBe(false);
    expect(node?.requests.at(-1)).toBe("DELETE /v1/node/clocks");

    const machine = node?.machine;
    if (machine === undefined) throw new Error("There is no node");
    const { grid } = machine;
    const model = GreyBoxModel.fromJSON(JSON.parse(readFileSync(answer.output, "utf8")), {
      grid,
      counters: softwareCounters,
      prior: undefined,
    });
    const latencies = new Float64Array(gridSize(grid));
    const powers = new Float64Array(gridSize(grid));
    const payload = JSON.stringify({ text: "x".repeat(80) }).length;
    for (const [name, { shares, seconds, secondsPerByte }] of Object.entries(functions)) {
      expect(model.predict(functionName(name), bytes(payload), latencies, powers)).toBe(true);
      const top = seconds + secondsPerByte * payload;
      for (let i = 0; i < gridSize(grid); i++) {
        const setting = gridSetting(grid, i);
        const latency = top * machine.stretch(shares, setting);
        expect(Math.abs((latencies[i] ?? 0) / latency - 1)).toBeLessThan(0.1);
        expect(Math.abs((powers[i] ?? 0) / machine.executionPower(1, setting) - 1)).toBeLessThan(0.1);
      }
    }
  });

  it("learns functions by what their settings declare of their work", async () => {
    const work = { size: "nodes", hyperparameters: ["density"] };
    const { out } = await run(
      ["encode", "--payload", '{"nodes": 400}', "--payload", '{"nodes": 40, "density": 1}', "--json"],
      { functions: { encode: { ...functions.encode, work } } },
    );
    const state: unknown = JSON.parse(readFileSync(answerSchema.parse(JSON.parse(out)).output, "utf8"));
    expect(state).toMatchObject({
      functions: [
        { key: "encode", entries: [{ payload: 400 }] },
        { key: "encode?density=1", entries: [{ payload: 40 }] },
      ],
    });
  });

  it("tells people how good the fit is", async () => {
    const { exitCode, out } = await run(["encode", "--payload", '{"text": "a"}', "--rounds", "3"]);
    expect(exitCode).toBe(0);
    expect(out).toContain("encode");
    expect(out).toContain("How time depends on the core clock was fitted");
    expect(out).toContain("frugal-model.json");
  });

  it("does not take modelled power for measured (O3)", async () => {
    const { out } = await run(["encode", "--rounds", "1", "--json"], { meter: "model" });
    expect(answerSchema.parse(JSON.parse(out))).toMatchObject({
      withPower: 0,
      quality: { power: "assumed" },
    });
  });

  it.each([
    [{ coreReason: "no cpufreq driver" }, "Core clocks: no cpufreq driver"],
    [{ mode: "dry-run" }, "sets nothing"],
    [{ mode: "off" }, "leaves clocks alone"],
  ] as const)("ends with 3 and says what is missing: %j", async (options, said) => {
    const { exitCode, out } = await run(["encode"], options);
    expect([exitCode, out]).toEqual([3, containing(said)]);
    expect(node?.requests).toEqual(["GET /v1/node"]);
    expect(existsSync(join(folder, "frugal-model.json"))).toBe(false);
  });

  it("gives the clocks back when a clock cannot be set, and when a function is not there (O1)", async () => {
    const refused = await run(["encode"], { refusal: "EBUSY" });
    expect([refused.exitCode, refused.err]).toEqual([69, containing("could not be set: EBUSY")]);
    expect(node?.requests.at(-1)).toBe("DELETE /v1/node/clocks");
    await node?.close();
    expect((await run(["gone"])).err).toContain('"gone"');
    expect(node?.isHeld()).toBe(false);
  });

  it("gives the clocks back when it is interrupted (O1)", async () => {
    let interrupt: (signal: NodeJS.Signals) => void = () => undefined;
    const { exitCode } = await run(
      ["encode"],
      { onInvocation: (count) => (count === 5 ? interrupt("SIGINT") : undefined) },
      {
        onSignal: (listener) => {
          interrupt = listener;
          return () => undefined;
        },
      },
    );
    expect(exitCode).toBe(130);
    expect(node?.isHeld()).toBe(false);
    expect(node?.requests.at(-1)).toBe("DELETE /v1/node/clocks");
  });

  it.each([
    [[], "Name a function, or give --payloads FILE"],
    [["encode", "--payload", "{}", "--payloads", "inputs.json"], "Give one of --payload and --payloads"],
    [["--payloads", "nowhere.json"], "ENOENT"],
    [["other", "--payloads", "inputs.json"], "has no inputs for other"],
    [["encode", "--rounds", "0"], "--rounds"],
    [["Not a name"], "cannot be the name of a function"],
  ])("refuses %j and says what to give", async (argv, said) => {
    const { exitCode, err } = await run(argv);
    expect([exitCode, err]).toEqual([2, containing(said)]);
    expect(node?.requests).toEqual([]);
  });
});
