/**
 * What the demo replays: ten functions' counts per minute, as arrivals in the seconds that the replay lasts.
 */
import { FrugalError, type Random, seconds, type Seconds, seededRandom } from "@frugal/core";
import { type Arrival, arrivalsOf } from "@frugal/trace";

/** One function's counts, and where they come from. */
export interface TraceRow {
  /** The trace's own name of the function, shortened. */
  readonly origin: string;
  readonly counts: ArrayLike<number>;
}

export interface WorkloadOptions {
  /** The replay's length; all the rows' minutes are pressed into it. */
  readonly duration: Seconds;
  /** Share of the trace's invocations that is replayed; undefined: all, or as many as `mostPerSecond` allows. */
  readonly scale: number | undefined;
  readonly mostPerSecond: number;
  readonly seed: number;
}

/** A benchmark function under one row's load. */
interface WorkloadFunction {
  readonly name: string;
  readonly origin: string;
  readonly invocations: number;
}

export interface Workload {
  readonly functions: readonly WorkloadFunction[];
  /** In order of time; `source` is the function's name. */
  readonly arrivals: readonly Arrival[];
  readonly minutes: number;
  readonly scale: number;
}

/** Gives the `names` the rows' loads, in order. Throws `invalid-trace` where nothing would be invoked. */
export function makeWorkload(
  names: readonly string[],
  rows: readonly TraceRow[],
  options: WorkloadOptions,
): Workload {
  const minutes = Math.max(...rows.map(({ counts }) => counts.length));
  const total = rows.reduce((sum, { counts }) => sum + sumOf(counts), 0);
  const most = options.mostPerSecond * options.duration;
  const scale = options.scale ?? (total > most ? most / total : 1);
  const random = seededRandom(options.seed);
  const thinned = rows.map(({ origin, counts }, index) => ({
    name: names[index] ?? "",
    origin,
    counts: thin(counts, scale, random.split(`thin ${index}`)),
  }));
  const arrivals = [
    ...arrivalsOf(thinned, {
      generator: "poisson",
      random: random.split("arrivals"),
      minute: seconds(options.duration / minutes),
    }),
  ];
  if (arrivals.length === 0) {
    throw new FrugalError(
      "invalid-trace",
      "The chosen rows and minutes hold no invocation\nChoose others with --rows and --minutes, or a larger --scale",
    );
  }
  const functions = thinned.map(({ name, origin, counts }) => ({ name, origin, invocations: sumOf(counts) }));
  return { functions, arrivals, minutes, scale };
}

/** `scale` times each count, rounded up or down at random so that the expectation is exact. */
function thin(counts: ArrayLike<number>, scale: number, random: Random): number[] {
  return Array.from(counts, (count) => {
    if (scale === 1) return count;
    const wanted = count * scale;
    return Math.floor(wanted) + (random.next() < wanted % 1 ? 1 : 0);
  });
}

const sumOf = (counts: ArrayLike<number>): number =>
  Array.from(counts).reduce((sum, count) => sum + count, 0);
