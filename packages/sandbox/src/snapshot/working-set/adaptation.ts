/**
 * How a function's working set follows its invocations: what to install ahead, and when to record anew.
 *
 * A *recording* is an invocation in which every touched page was seen; a *restore* is one with the working set installed, in
 * which only the pages beyond it (the misses) were. The state is a value: every rule makes a new one, and its JSON form is
 * small, because each page's age is kept by the age, not by the page.
 *
 * Invariants (cited by the tests):
 *   A1  the set has every page that one of the first `merged` invocations touched, recorded or missed, until A2
 *   A2  a page leaves the set exactly when `patience` recordings in a row did not touch it; a later one brings it back
 *   A3  the next invocation is recorded when there is no recording yet, or when more than the tolerated misses were seen in
 *       `alarms` of the last restores since one
 *   A4  a state that was saved and loaded decides as the original does
 */
import { z } from "zod";
import { type Ratio, ratio } from "@frugal/core";
import { PageRuns } from "./page-runs.ts";

export interface AdaptationRules {
  /** So many invocations make the set larger; later ones only by being recorded. */
  readonly merged: number;
  readonly patience: number;
  /** Misses above this share of the set, and above `toleratedPages`, are an alarm. */
  readonly toleratedShare: Ratio;
  readonly toleratedPages: number;
  /** So many alarms among the last `window` restores ask for a recording. */
  readonly alarms: number;
  readonly window: number;
}

/** @internal The tests have rules of their own beside them. */
export const defaultRules: AdaptationRules = {
  merged: 16,
  patience: 8,
  toleratedShare: ratio(0.2),
  toleratedPages: 64,
  alarms: 3,
  window: 5,
};

export interface AdaptationStatistics {
  readonly recordings: number;
  readonly restores: number;
  /** Pages; undefined before the first restore. */
  readonly lastMisses: number | undefined;
  readonly meanMisses: number | undefined;
  /** Share of the pages ever recorded that every recording touched; undefined before the first one. */
  readonly stablePages: Ratio | undefined;
}

const count = z.int().nonnegative();
const runs = z.array(z.tuple([count, count, count])).transform((json) => PageRuns.fromJson(json));

/** Of the plain data. */
const stateSchema = z.strictObject({
  /** At index i: the pages of the set that the last i recordings did not touch, and the one before did. */
  ages: z.array(runs).readonly(),
  always: runs,
  ever: runs,
  recordings: count,
  restores: count,
  lastMisses: count,
  totalMisses: count,
  /** Of the last restores since a recording, the newest last: whether each was an alarm. */
  recent: z.array(z.boolean()).readonly(),
});
type State = Readonly<z.output<typeof stateSchema>>;

const initial: State = {
  ages: [],
  always: PageRuns.none,
  ever: PageRuns.none,
  recordings: 0,
  restores: 0,
  lastMisses: 0,
  totalMisses: 0,
  recent: [],
};

export class Adaptation {
  /** The pages to install ahead. */
  readonly pages: PageRuns;
  readonly #rules: AdaptationRules;
  readonly #state: State;

  private constructor(rules: AdaptationRules, state: State) {
    this.#rules = rules;
    this.#state = state;
    this.pages = PageRuns.none.union(...state.ages);
  }

  static start(rules: AdaptationRules = defaultRules): Adaptation {
    return new Adaptation(rules, initial);
  }

  /** From the text that `encode` gave; what is none (of another version, say) starts anew. */
  static decode(text: string, rules: AdaptationRules = defaultRules): Adaptation {
    try {
      return new Adaptation(rules, stateSchema.parse(JSON.parse(text)));
    } catch {
      return Adaptation.start(rules);
    }
  }

  encode(): string {
    return `${JSON.stringify(this.#state)}\n`;
  }

  /** Whether the next invocation should be recorded instead of prefetched. */
  get shouldRecord(): boolean {
    const { recordings, recent } = this.#state;
    return recordings === 0 || recent.filter(Boolean).length >= this.#rules.alarms;
  }

  get statistics(): AdaptationStatistics {
    const { recordings, restores, lastMisses, totalMisses, always, ever } = this.#state;
    return {
      recordings,
      restores,
      lastMisses: restores === 0 ? undefined : lastMisses,
      meanMisses: restores === 0 ? undefined : totalMisses / restores,
      stablePages: recordings === 0 ? undefined : ratio(ever.count === 0 ? 1 : always.count / ever.count),
    };
  }

  /** After an invocation that touched exactly `touched`. */
  recorded(touched: PageRuns): Adaptation {
    const { ages, always, ever, recordings } = this.#state;
    const aged = ages.map((pages) => pages.difference(touched)).slice(0, this.#rules.patience - 1);
    return this.#with({
      ages: [touched, ...aged],
      always: recordings === 0 ? touched : always.intersection(touched),
      ever: ever.union(touched),
      recordings: recordings + 1,
      recent: [],
    });
  }

  /** After an invocation with the set installed that touched `misses` beyond it. */
  restored(misses: PageRuns): Adaptation {
    const { ages, recordings, restores, totalMisses, recent } = this.#state;
    const { merged, toleratedShare, toleratedPages, window } = this.#rules;
    const isMerged = recordings > 0 && recordings + restores < merged;
    const tolerated = Math.max(toleratedPages, this.pages.count * toleratedShare);
    return this.#with({
      ages: isMerged ? withYoungest(ages, misses) : ages,
      restores: restores + 1,
      lastMisses: misses.count,
      totalMisses: totalMisses + misses.count,
      recent: [...recent, misses.count > tolerated].slice(-window),
    });
  }

  #with(change: Partial<State>): Adaptation {
    return new Adaptation(this.#rules, { ...this.#state, ...change });
  }
}

/** Each page has one age: pages that were missed are as young as those of the last recording. */
const withYoungest = (
  [youngest = PageRuns.none, ...older]: readonly PageRuns[],
  pages: PageRuns,
): readonly PageRuns[] => [youngest.union(pages), ...older.map((age) => age.difference(pages))];
