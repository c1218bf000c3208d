import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PageRuns, type PageRunsJson } from "./page-runs.ts";

const run = fc.record({
  pid: fc.integer({ min: 1, max: 3 }),
  first: fc.nat(40),
  count: fc.nat(12),
});
const runs = fc.array(run, { maxLength: 12 });
type Runs = typeof runs extends fc.Arbitrary<infer T> ? T : never;

const pagesOf = (list: Iterable<Runs[number]>): ReadonlySet<string> =>
  new Set(
    [...list].flatMap(({ pid, first, count }) =>
      Array.from({ length: count }, (_, i) => `${pid}:${first + i}`),
    ),
  );

function expectCanonical(pages: PageRuns): void {
  const list = [...pages];
  list.forEach(({ pid, first, count }, i) => {
    expect(count).toBeGreaterThan(0);
    const before = list[i - 1];
    if (before?.pid === pid) expect(first).toBeGreaterThan(before.first + before.count);
    else if (before !== undefined) expect(pid).toBeGreaterThan(before.pid);
  });
  expect(pages.count).toBe(pagesOf(pages).size);
}

describe("PageRuns", () => {
  it("are the set of their pages in one form only (R1)", () => {
    fc.assert(
      fc.property(runs, (list) => {
        const pages = PageRuns.of(list);
        expectCanonical(pages);
        expect(pagesOf(pages)).toEqual(pagesOf(list));
        const single = list.flatMap(({ pid, first, count }) =>
          Array.from({ length: count }, (_, i) => ({ pid, first: first + i, count: 1 })),
        );
        expect(PageRuns.of(single.reverse()).equals(pages)).toBe(true);
        expect(PageRuns.fromJson(JSON.parse(JSON.stringify(pages)) as PageRunsJson).equals(pages)).toBe(true);
      }),
    );
  });

  it("combine as sets do (R1, R2)", () => {
    fc.assert(
      fc.property(runs, runs, (one, other) => {
        const [a, b] = [PageRuns.of(one), PageRuns.of(other)];
        const [setA, setB] = [pagesOf(one), pagesOf(other)];
        for (const [combined, set] of [
          [a.union(b), [...setA, ...setB]],
          [a.intersection(b), [...setA].filter((page) => setB.has(page))],
          [a.difference(b), [...setA].filter((page) => !setB.has(page))],
        ] as const) {
          expectCanonical(combined);
          expect(pagesOf(combined)).toEqual(new Set(set));
        }
        expect(a.equals(b)).toBe([...setA].sort().join() === [...setB].sort().join());
      }),
    );
  });
});
