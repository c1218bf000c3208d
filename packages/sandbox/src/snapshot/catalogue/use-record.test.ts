import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hours, milliseconds, seconds } from "@frugal/core";
import { UseRecord } from "./use-record.ts";

describe("UseRecord", () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "frugal-use-"));
    path = join(folder, "use.json");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("converges to the rate of regular starts and to what they save, and fades", async () => {
    const uses = await UseRecord.open(path);
    let now = seconds(0);
    for (let i = 0; i < 4000; i++) {
      now = seconds(i * 60);
      uses.started("a", milliseconds(i < 2000 ? 900 : 300), now);
    }
    const { startRate, savedPerStart } = uses.of("a", seconds(0), now);
    expect(startRate * 60).toBeCloseTo(1, 1);
    expect(savedPerStart).toBeCloseTo(0.3);
    const later = seconds(now + hours(6));
    expect(uses.of("a", seconds(0), later).startRate / startRate).toBeCloseTo(Math.exp(-1));
    // A clock that was set back does not make it larger.
    expect(uses.of("a", seconds(0), seconds(0)).startRate).toBe(startRate);
  });

  it("counts starts also where nobody knows what they save", async () => {
    const uses = await UseRecord.open(path);
    const fresh = uses.of("never started", seconds(0), seconds(0));
    uses.started("a", undefined, seconds(0));
    uses.started("a", undefined, seconds(0));
    const { startRate, savedPerStart } = uses.of("a", seconds(0), seconds(0));
    expect(startRate).toBeCloseTo(2 * fresh.startRate);
    expect(savedPerStart).toBe(fresh.savedPerStart);
    uses.started("b", seconds(2), seconds(0));
    uses.started("b", undefined, seconds(0));
    expect(uses.of("b", seconds(0), seconds(0)).savedPerStart).toBe(2);
  });

  it("comes back from its file without what was not started for long", async () => {
    const uses = await UseRecord.open(path);
    uses.started("old", seconds(1), seconds(0));
    uses.started("new", seconds(1), hours(48));
    await uses.save(hours(48));
    const loaded = await UseRecord.open(path);
    const fresh = loaded.of("never started", seconds(0), hours(48));
    expect(loaded.of("new", seconds(0), hours(48))).toEqual(uses.of("new", seconds(0), hours(48)));
    expect(loaded.of("old", seconds(0), hours(48))).toEqual(fresh);
    writeFileSync(path, "{");
    expect((await UseRecord.open(path)).of("new", seconds(0), hours(48))).toEqual(fresh);
  });
});
