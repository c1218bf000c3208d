import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bytes } from "@frugal/core";
import { FakePager } from "../../test/fake-pager.ts";
import { HotSets } from "./hot-sets.ts";

describe("HotSets", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "frugal-hot-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const file = (name: string, size: number): string => {
    const path = join(folder, name);
    writeFileSync(path, Buffer.alloc(size));
    return path;
  };

  it("keeps those that were used last, as many as fit", () => {
    const pager = new FakePager();
    const sets = new HotSets(pager, bytes(100));
    const [a, b, c] = [file("a", 40), file("b", 40), file("c", 40)];
    for (const path of [a, b, a, c]) sets.touch(path);
    expect([...pager.preloaded]).toEqual([a, c]);
    sets.forget(a);
    sets.forget(a);
    expect([...pager.preloaded]).toEqual([c]);
  });

  it("reads a set once, and again when it was written anew or forgotten", () => {
    const pager = new FakePager();
    const sets = new HotSets(pager, bytes(100));
    const a = file("a", 40);
    for (let i = 0; i < 3; i++) sets.touch(a);
    expect(pager.reads).toEqual([a]);
    rmSync(a);
    file("a", 40);
    sets.touch(a);
    expect(pager.reads).toEqual([a, a]);
    sets.forget(a);
    sets.touch(a);
    expect(pager.reads).toEqual([a, a, a]);
  });

  it("keeps none that is gone or larger than all together may be", () => {
    const pager = new FakePager();
    const sets = new HotSets(pager, bytes(100));
    const [a, b] = [file("a", 40), file("b", 101)];
    sets.touch(a);
    sets.touch(b);
    expect([...pager.preloaded]).toEqual([a]);
    file("a", 101);
    sets.touch(a);
    sets.touch(join(folder, "never"));
    expect([...pager.preloaded]).toEqual([]);
  });

  it("is never over its limit, whatever is used, and always has what was used last", () => {
    const limit = bytes(100);
    const use = fc.record({
      name: fc.constantFrom("a", "b", "c", "d", "e"),
      size: fc.integer({ min: 1, max: 60 }),
    });
    fc.assert(
      fc.property(fc.array(use, { maxLength: 20 }), (uses) => {
        const pager = new FakePager();
        const sets = new HotSets(pager, limit);
        const sizes = new Map<string, number>();
        for (const { name, size } of uses) {
          const path = file(name, size);
          sizes.set(path, size);
          sets.touch(path);
          expect(pager.preloaded.has(path)).toBe(true);
          // Those that were written anew and not used since count as they were read.
          const total = [...pager.preloaded].reduce((sum, kept) => sum + (sizes.get(kept) ?? 0), 0);
          expect(total).toBeLessThanOrEqual(limit);
        }
      }),
      { numRuns: 50 },
    );
  });
});
