import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ratio } from "@frugal/core";
import { Adaptation, defaultRules } from "./adaptation.ts";
import { PageRuns } from "./page-runs.ts";

const rules = {
  ...defaultRules,
  merged: 3,
  patience: 2,
  toleratedShare: ratio(0.5),
  toleratedPages: 2,
  alarms: 2,
  window: 3,
};

const pages = fc.uniqueArray(fc.nat(12), { maxLength: 8 });
const step = fc.record({ kind: fc.constantFrom("recorded", "restored"), touched: pages });
const steps = fc.array(step, { maxLength: 30 });

const runsOf = (numbers: Iterable<number>): PageRuns =>
  PageRuns.of([...numbers].map((first) => ({ pid: 100, first, count: 1 })));

const numbersOf = (runs: PageRuns): readonly number[] =>
  [...runs].flatMap(({ first, count }) => Array.from({ length: count }, (_, i) => first + i));

const ascending = (numbers: Iterable<number>): readonly number[] => [...numbers].sort((a, b) => a - b);

/** The rules with a counter at each page. */
class Model {
  readonly ages = new Map<number, number>();
  readonly seen: number[][] = [];
  readonly misses: number[] = [];
  alarms: boolean[] = [];

  recorded(touched: readonly number[]): void {
    for (const [page, age] of this.ages) this.ages.set(page, age + 1);
    for (const page of touched) this.ages.set(page, 0);
    for (const [page, age] of this.ages) if (age >= rules.patience) this.ages.delete(page);
    this.seen.push([...touched]);
    this.alarms = [];
  }

  restored(missed: readonly number[]): void {
    const tolerated = Math.max(rules.toleratedPages, rules.toleratedShare * this.ages.size);
    this.alarms = [...this.alarms, missed.length > tolerated].slice(-rules.window);
    const isEarly = this.seen.length > 0 && this.seen.length + this.misses.length < rules.merged;
    if (isEarly) for (const page of missed) this.ages.set(page, 0);
    this.misses.push(missed.length);
  }
}

describe("Adaptation", () => {
  it("has the pages, the wish to record and the figures of a counter at each page (A1, A2, A3, A4)", () => {
    fc.assert(
      fc.property(steps, (list) => {
        let adaptation = Adaptation.start(rules);
        const model = new Model();
        for (const { kind, touched } of list) {
          if (kind === "recorded") {
            adaptation = adaptation.recorded(runsOf(touched));
            model.recorded(touched);
          } else {
            const missed = touched.filter((page) => !model.ages.has(page));
            adaptation = adaptation.restored(runsOf(missed));
            model.restored(missed);
          }
          adaptation = Adaptation.decode(adaptation.encode(), rules);

          expect(numbersOf(adaptation.pages)).toEqual(ascending(model.ages.keys()));
          const alarms = model.alarms.filter(Boolean).length;
          expect(adaptation.shouldRecord).toBe(model.seen.length === 0 || alarms >= rules.alarms);
        }
        const { recordings, restores, lastMisses, meanMisses, stablePages } = adaptation.statistics;
        expect([recordings, restores]).toEqual([model.seen.length, model.misses.length]);
        expect(lastMisses).toBe(model.misses.at(-1));
        const sum = model.misses.reduce((total, misses) => total + misses, 0);
        expect(meanMisses).toBe(restores === 0 ? undefined : sum / restores);
        const ever = new Set(model.seen.flat());
        const always = [...ever].filter((page) => model.seen.every((one) => one.includes(page)));
        const share = ever.size === 0 ? 1 : always.length / ever.size;
        expect(stablePages).toBe(recordings === 0 ? undefined : share);
      }),
    );
  });

  it("starts anew from what another version wrote (A4)", () => {
    for (const text of ["", "{}", `{"ages":[[[1,2]]]}`]) {
      expect(Adaptation.decode(text).encode()).toBe(Adaptation.start().encode());
    }
  });

  it("asks for a recording after 3 restores with more than 20 % misses, not for a few pages (A3)", () => {
    const large = Adaptation.start().recorded(PageRuns.of([{ pid: 1, first: 0, count: 1000 }]));
    const missing = (count: number): PageRuns => PageRuns.of([{ pid: 1, first: 5000, count }]);
    const after = (from: Adaptation, misses: readonly number[]): boolean =>
      misses.reduce((adaptation, count) => adaptation.restored(missing(count)), from).shouldRecord;
    // The first restores enlarge the set by what they miss.
    const settled = Array<number>(defaultRules.merged - 1).fill(0);
    expect(after(large, [...settled, 201, 0, 201, 201])).toBe(true);
    expect(after(large, [...settled, 201, 0, 201, 200])).toBe(false);
    expect(after(large, [...settled, 201, 201, 0, 0, 0, 201])).toBe(false);
    const small = Adaptation.start().recorded(PageRuns.of([{ pid: 1, first: 0, count: 10 }]));
    expect(after(small, [...settled, 64, 64, 64])).toBe(false);
    expect(after(small, [...settled, 65, 65, 65])).toBe(true);
  });
});
