import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { minutes } from "@frugal/core";
import { readReferenceClocks } from "@frugal/machine";
import { parseReferenceClocks, ReferenceMachine, softwareCounters } from "@frugal/predict";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ManualClock } from "../../test/manual-clock.ts";
import { PaceModels } from "./pace-models.ts";

const reference = new ReferenceMachine(parseReferenceClocks(readReferenceClocks()));
const clocks = {
  desk: undefined,
  mode: "dry-run",
  reference,
  limitations: [],
  close: () => undefined,
} as const;

let folder: string;
let complaints: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "frugal-t-models-"));
  complaints = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (calibrated?: string, clock = new ManualClock()): PaceModels =>
  new PaceModels({
    path: join(folder, "pace-model.json"),
    calibrated,
    set: softwareCounters,
    clocks,
    clock,
    complain: (line) => complaints.push(line),
  });

describe("PaceModels", () => {
  it("takes up what an earlier process has learnt", () => {
    const first = open();
    first.close();
    expect(open().model.toJSON()).toEqual(first.model.toJSON());
    expect(complaints).toEqual([]);
  });

  it("saves now and again, so that a crash loses little", () => {
    const clock = new ManualClock();
    open(undefined, clock);
    clock.advance(minutes(6));
    expect(JSON.parse(readFileSync(join(folder, "pace-model.json"), "utf8"))).toMatchObject({
      counters: "software",
    });
  });

  it("says of a file that cannot be used, and learns anew", () => {
    writeFileSync(join(folder, "pace-model.json"), "{broken");
    open().close();
    expect(complaints).toEqual([expect.stringContaining("Pacing learns anew")]);
    complaints = [];
    open();
    expect(complaints).toEqual([]);
  });

  it("starts from a calibrated model, and refuses one that it cannot use (I8)", () => {
    const file = join(folder, "frugal-model.json");
    writeFileSync(file, JSON.stringify(open().model.toJSON()));
    expect(open(file).model.toJSON()).toEqual(open().model.toJSON());
    writeFileSync(file, "[]");
    expect(() => open(file)).toThrow(`Cannot pace by ${file}`);
    expect(() => open(join(folder, "missing.json"))).toThrow("Give a file that frugal calibrate has made");
  });

  it("complains where it cannot save, and goes on", () => {
    const models = open();
    rmSync(folder, { recursive: true });
    models.close();
    expect(complaints).toEqual([expect.stringContaining("is not kept")]);
  });
});
