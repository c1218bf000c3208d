import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withHostLock } from "./host-lock.ts";

describe("withHostLock()", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "frugal-lock-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("lets one action run at a time, also after one that failed", async () => {
    const file = join(folder, "made", "lock");
    let running = 0;
    const action = async (index: number): Promise<number> => {
      expect(++running).toBe(1);
      for (let i = 0; i < 20; i++) await turn();
      running--;
      if (index === 1) throw new Error("no");
      return index;
    };
    const results = await Promise.allSettled(
      [0, 1, 2, 3].map((index) => withHostLock(() => action(index), file)),
    );
    expect(results.map((result) => (result.status === "fulfilled" ? result.value : "failed"))).toEqual([
      0,
      "failed",
      2,
      3,
    ]);
  });
});
