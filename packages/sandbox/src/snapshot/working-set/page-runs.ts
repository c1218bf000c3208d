/**
 * A set of pages of the processes of an image, as runs: what an invocation touched, and what is installed ahead of one.
 *
 * Values never change; operations make new ones. Whether a page is a zero page follows from the image's page table, so it
 * is not part of the set.
 *
 * Invariants (cited by the tests):
 *   R1  runs are sorted by pid and page, hold at least one page, and neither overlap nor touch each other
 *   R2  union, intersection and difference are those of the sets of pages
 */

/** `count` pages from page `first` on; a page's number is its address divided by the page size. */
export interface PageRun {
  readonly pid: number;
  readonly first: number;
  readonly count: number;
}

/** Each run as pid, first page and number of pages. */
export type PageRunsJson = readonly (readonly [number, number, number])[];

type Membership = (isInOne: boolean, isInOther: boolean) => boolean;

export class PageRuns implements Iterable<PageRun> {
  static readonly none = new PageRuns([]);
  readonly #runs: readonly PageRun[];

  private constructor(runs: readonly PageRun[]) {
    this.#runs = runs;
  }

  /** In any order; runs may overlap. */
  static of(runs: Iterable<PageRun>): PageRuns {
    const joined: PageRun[] = [];
    for (const run of [...runs].filter(({ count }) => count > 0).sort(byPosition)) append(joined, run);
    return new PageRuns(joined);
  }

  /** What `toJSON` gave. */
  static fromJson(json: PageRunsJson): PageRuns {
    return PageRuns.of(json.map(([pid, first, count]) => ({ pid, first, count })));
  }

  toJSON(): PageRunsJson {
    return this.#runs.map(({ pid, first, count }) => [pid, first, count] as const);
  }

  [Symbol.iterator](): Iterator<PageRun> {
    return this.#runs[Symbol.iterator]();
  }

  /** Pages. */
  get count(): number {
    return this.#runs.reduce((sum, { count }) => sum + count, 0);
  }

  union(...others: readonly PageRuns[]): PageRuns {
    return PageRuns.of([this, ...others].flatMap((one) => one.#runs));
  }

  intersection(other: PageRuns): PageRuns {
    return this.#combined(other, (isInOne, isInOther) => isInOne && isInOther);
  }

  difference(other: PageRuns): PageRuns {
    return this.#combined(other, (isInOne, isInOther) => isInOne && !isInOther);
  }

  equals(other: PageRuns): boolean {
    return (
      this.#runs.length === other.#runs.length &&
      this.#runs.every((run, i) => {
        const twin = other.#runs[i];
        return twin?.pid === run.pid && twin.first === run.first && twin.count === run.count;
      })
    );
  }

  /** Walks over both in order; between two borders of runs, pages are all alike. */
  #combined(other: PageRuns, isMember: Membership): PageRuns {
    const result: PageRun[] = [];
    let [one, two] = [0, 0];
    const borders = [...this.#runs, ...other.#runs].flatMap(bordersOf).sort(byPosition);
    for (const [i, { pid, first }] of borders.entries()) {
      const next = borders[i + 1];
      if (next?.pid !== pid || next.first === first) continue;
      const position = { pid, first };
      while (isBefore(this.#runs[one], position)) one++;
      while (isBefore(other.#runs[two], position)) two++;
      if (isMember(isAt(this.#runs[one], position), isAt(other.#runs[two], position))) {
        append(result, { pid, first, count: next.first - first });
      }
    }
    return new PageRuns(result);
  }
}

type Position = Pick<PageRun, "pid" | "first">;

const byPosition = (a: Position, b: Position): number => a.pid - b.pid || a.first - b.first;

const bordersOf = ({ pid, first, count }: PageRun): readonly Position[] => [
  { pid, first },
  { pid, first: first + count },
];

/** Whether `run` ends at or before `position`. */
const isBefore = (run: PageRun | undefined, { pid, first }: Position): boolean =>
  run !== undefined && (run.pid < pid || (run.pid === pid && run.first + run.count <= first));

const isAt = (run: PageRun | undefined, { pid, first }: Position): boolean =>
  run?.pid === pid && run.first <= first && first < run.first + run.count;

/** Adds `run`, which starts nowhere before the last one of `runs`. */
function append(runs: PageRun[], run: PageRun): void {
  const last = runs.at(-1);
  if (last?.pid !== run.pid || last.first + last.count < run.first) {
    runs.push({ pid: run.pid, first: run.first, count: run.count });
    return;
  }
  const end = Math.max(last.first + last.count, run.first + run.count);
  runs[runs.length - 1] = { ...last, count: end - last.first };
}
