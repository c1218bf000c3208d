import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { CpuLoads } from "./cpu-loads.ts";

const folder = mkdtempSync(join(tmpdir(), "frugal-t-loads-"));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (...lines: string[]): void =>
  writeFileSync(join(folder, "stat"), `cpu  1 2 3 4\n${lines.join("\n")}\nintr 5\n`);

describe("CpuLoads", () => {
  it("tells the busy share of each group's busiest processor since the last look", () => {
    write("cpu0 100 0 0 100 0 0 0 0 0 0", "cpu1 0 0 0 200 0 0 0 0 0 0", "cpu2 0 0 0 50 0 0 0 50 0 0");
    const loads = new CpuLoads(folder);
    write("cpu0 110 5 5 180 0 0 0 0 0 0", "cpu1 40 0 0 260 0 0 0 0 0 0", "cpu2 0 0 0 100 0 0 0 100 0 0");
    expect(loads.sample([[0], [0, 1], [2]])).toEqual([0.2, 0.4, 0]);
    expect(loads.sample([[0], [7]])).toEqual([0, 0]);
  });
});
