import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkXml } from "../../test/check-xml.ts";
import { bandsOf, pageKinds } from "./page-bands.ts";
import { pageMapSvg } from "./page-map.ts";

type Run = [number, number, number];

const run = fc.tuple(
  fc.integer({ min: 1, max: 3 }),
  fc.integer({ min: 0, max: 20_000 }),
  fc.integer({ min: 1, max: 300 }),
) satisfies fc.Arbitrary<Run>;
const pageMap = fc.record({ image: fc.array(run), workingSet: fc.array(run) });

const pagesOf = (runs: readonly Run[]): Set<string> =>
  new Set(
    runs.flatMap(([pid, first, count]) => Array.from({ length: count }, (_, i) => `${pid}/${first + i}`)),
  );

/** How many pages there are of each kind, found page by page. */
function expected({ image, workingSet }: { image: readonly Run[]; workingSet: readonly Run[] }) {
  const inImage = pagesOf(image);
  const inSet = pagesOf(workingSet);
  const both = [...inImage].filter((page) => inSet.has(page)).length;
  return { image: inImage.size - both, "working-set": both, zero: inSet.size - both };
}

/** The cells that are drawn of each kind. */
const drawn = (svg: string): Record<string, number> =>
  Object.fromEntries(
    pageKinds.map((kind) => [
      kind,
      [...svg.matchAll(new RegExp(`<rect class="${kind}"[^>]* width="(\\d+)" height="(\\d+)"`, "g"))].reduce(
        (sum, [, width, height]) => sum + Number(width) / (Number(height) + 1),
        0,
      ),
    ]),
  );

const about = { id: "s1", functions: ["hello"], runtime: "nodejs v24" };

describe("bandsOf()", () => {
  it("has every page once, as what it is, in order (B1, B2)", () => {
    fc.assert(
      fc.property(pageMap, (map) => {
        const totals = { image: 0, "working-set": 0, zero: 0 };
        let last = [-1, -1];
        for (const { pid, stretches } of bandsOf(map))
          for (const { kind, firstPage, pages } of stretches.flat()) {
            totals[kind] += pages;
            expect(pid > (last[0] ?? 0) || firstPage >= (last[1] ?? 0)).toBe(true);
            last = [pid, firstPage + pages];
          }
        expect(totals).toEqual(expected(map));
      }),
    );
  });

  it("makes one band of what lies together, and others of what lies apart", () => {
    const image: Run[] = [
      [2, 0, 10],
      [2, 20, 10],
      [2, 100_000, 1],
      [3, 31, 1],
    ];
    const shape = bandsOf({ image, workingSet: [] }).map(({ pid, stretches }) => [pid, stretches.length]);
    expect(shape).toEqual([
      [2, 2],
      [2, 1],
      [3, 1],
    ]);
  });
});

describe("pageMapSvg()", () => {
  it("draws each page once in its colour (M1)", () => {
    fc.assert(
      fc.property(pageMap, (map) => {
        const svg = pageMapSvg({ ...about, pageMap: map });
        checkXml(svg);
        expect(drawn(svg)).toEqual(expected(map));
      }),
    );
  });

  it("puts several pages into a cell of a large snapshot, and still tells the exact totals (M2)", () => {
    const map = { image: [[1, 0, 1_000_003]] as Run[], workingSet: [[1, 0, 400_001]] as Run[] };
    const svg = pageMapSvg({ ...about, pageMap: map });
    expect(svg).toContain("a cell is 32 pages");
    expect(svg).toContain("400001 pages");
    expect(svg).toContain("600002 pages");
    expect(drawn(svg)).toEqual({ image: 18_751, "working-set": 12_500, zero: 0 });
  });

  it("shows an empty snapshot, and survives any text (M3)", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const names = { id: text, functions: [`<${text}&`], runtime: `"${text}'` };
        checkXml(pageMapSvg({ ...names, pageMap: { image: [], workingSet: [] } }));
      }),
    );
  });
});
