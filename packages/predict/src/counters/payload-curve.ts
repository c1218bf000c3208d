/**
 * How a function's counters grow with its payload: a few payload sizes with the mean counters of their executions, and straight
 * lines between them. Source: kypous, section 5.1.1; bounds, merging and ends are ours.
 *
 * Sizes closer than 5 % are one entry at their mean size. Where entries are too many, the closest two become one. Beyond the ends the line goes on, never below zero; it is drawn from entries whose sizes are a factor
 * of two apart where there are such, as two close ones would aim it by their noise. With one entry the payload is not known to
 * matter, and its counters hold for every size.
 *
 * Invariants (cited by the tests):
 *   P1  at an entry's size the counters are the entry's
 *   P2  between two entries every counter is between theirs, and moves one way only
 *   P3  counters are never negative, and there are never more than 32 entries
 */

const MOST_ENTRIES = 32;
/** Sizes are compared by the logarithm of the size and this: whatever they count, one more of a few is another size. */
const SMALL = 1;
const SAME = Math.log(1.05);
/** An entry's mean follows its last executions: older ones fade with this weight. */
const MEMORY = 64;
const WIDE = 2;

interface Entry {
  payload: number;
  /** Executions in it, as far as they count. */
  count: number;
  readonly means: Float64Array;
  /** Of each counter: how often it was read, as far as that counts. */
  readonly reads: Float64Array;
}

/** An entry as data. A counter that was never read is null. */
export interface CurveEntry {
  readonly payload: number;
  readonly count: number;
  readonly means: readonly (number | null)[];
  readonly reads: readonly number[];
}

const distance = (a: number, b: number): number => Math.abs(Math.log((a + SMALL) / (b + SMALL)));

export class PayloadCurve {
  readonly #width: number;
  readonly #entries: Entry[] = [];

  /** `width` is the number of counters. */
  constructor(width: number) {
    this.#width = width;
  }

  get entries(): readonly CurveEntry[] {
    return this.#entries.map(({ payload, count, means, reads }) => ({
      payload,
      count,
      means: Array.from(means, (mean, i) => (reads[i] === 0 ? null : mean)),
      reads: [...reads],
    }));
  }

  /** One execution; NaN counters were not read. */
  observe(payload: number, counters: Float64Array): void {
    const near = this.#nearest(payload);
    if (near !== undefined && distance(near.payload, payload) < SAME) {
      learn(near, payload, counters);
      return;
    }
    const entry: Entry = {
      payload,
      count: 0,
      means: new Float64Array(this.#width),
      reads: new Float64Array(this.#width),
    };
    learn(entry, payload, counters);
    this.#insert(entry);
  }

  /** Takes an entry as it was given out by `entries`. */
  restore({ payload, count, means, reads }: CurveEntry): void {
    this.#insert({
      payload,
      count,
      means: Float64Array.from(means, (mean) => mean ?? 0),
      reads: Float64Array.from(reads),
    });
  }

  /** Fills `out` with the counters of a payload. Counters that were never read are 0. False while there are no entries. */
  interpolate(payload: number, out: Float64Array): boolean {
    const first = this.#entries[0];
    if (first === undefined) return false;
    let above = 0;
    while (above < this.#entries.length && (this.#entries[above]?.payload ?? 0) < payload) above++;
    const [low, high] = this.#lineFor(payload, above, first);
    const share = low === high ? 0 : (payload - low.payload) / (high.payload - low.payload);
    for (let i = 0; i < this.#width; i++) {
      const from = low.means[i] ?? 0;
      const to = high.means[i] ?? 0;
      out[i] = share === 1 ? to : Math.max(0, from + share * (to - from));
    }
    return true;
  }

  /** The two entries whose line `payload` is on; `above` is the first entry not below it, if any. */
  #lineFor(payload: number, above: number, first: Entry): readonly [Entry, Entry] {
    const last = this.#entries.at(-1) ?? first;
    if (above === 0) {
      const base = first.payload === payload ? first : this.#entries.find(isAtLeast(WIDE * first.payload));
      return [first, base ?? last];
    }
    if (above < this.#entries.length)
      return [this.#entries[above - 1] ?? first, this.#entries[above] ?? first];
    return [this.#entries.findLast(isAtMost(last.payload / WIDE)) ?? first, last];
  }

  #nearest(payload: number): Entry | undefined {
    let nearest: Entry | undefined;
    for (const entry of this.#entries)
      if (nearest === undefined || distance(entry.payload, payload) < distance(nearest.payload, payload))
        nearest = entry;
    return nearest;
  }

  #insert(entry: Entry): void {
    const above = this.#entries.findIndex(({ payload }) => payload > entry.payload);
    this.#entries.splice(above === -1 ? this.#entries.length : above, 0, entry);
    if (this.#entries.length > MOST_ENTRIES) this.#mergeClosest();
  }

  #mergeClosest(): void {
    let closest = 1;
    for (let i = 2; i < this.#entries.length; i++)
      if (this.#gapBefore(i) < this.#gapBefore(closest)) closest = i;
    const [low, high] = this.#entries.splice(closest - 1, 2);
    if (low !== undefined && high !== undefined) this.#entries.splice(closest - 1, 0, merged(low, high));
  }

  #gapBefore(index: number): number {
    return distance(this.#entries[index - 1]?.payload ?? 0, this.#entries[index]?.payload ?? 0);
  }
}

const isAtLeast =
  (size: number) =>
  ({ payload }: Entry): boolean =>
    payload >= size;
const isAtMost =
  (size: number) =>
  ({ payload }: Entry): boolean =>
    payload <= size;

function learn(entry: Entry, payload: number, counters: Float64Array): void {
  entry.count = Math.min(entry.count + 1, MEMORY);
  entry.payload += (payload - entry.payload) / entry.count;
  for (let i = 0; i < entry.means.length; i++) {
    const value = counters[i] ?? NaN;
    if (Number.isNaN(value)) continue;
    const reads = Math.min((entry.reads[i] ?? 0) + 1, MEMORY);
    const mean = entry.means[i] ?? 0;
    entry.reads[i] = reads;
    entry.means[i] = mean + (value - mean) / reads;
  }
}

function merged(a: Entry, b: Entry): Entry {
  const mean = (x: number, y: number, ofX: number, ofY: number): number =>
    ofX + ofY === 0 ? 0 : (x * ofX + y * ofY) / (ofX + ofY);
  return {
    payload: mean(a.payload, b.payload, a.count, b.count),
    count: Math.min(a.count + b.count, MEMORY),
    means: a.means.map((value, i) => mean(value, b.means[i] ?? 0, a.reads[i] ?? 0, b.reads[i] ?? 0)),
    reads: a.reads.map((reads, i) => Math.min(reads + (b.reads[i] ?? 0), MEMORY)),
  };
}
