/**
 * Arrival times out of counts per minute.
 *
 * Arrivals are made minute by minute as they are asked for, so that a long trace needs the memory of one minute.
 *
 * Invariants (cited by the tests):
 *   G1  each minute of each function has exactly as many arrivals as it counts
 *   G2  arrivals come in order of time; at one instant, in order of their functions
 *   G3  the same seed gives the same arrivals, and adding a function shifts no other's
 */
import { type Random, type Seconds, seconds } from "@frugal/core";
import { type ArrivalGeneratorName, arrivalGenerators } from "./arrival-generators.ts";

/** What is to arrive. */
export interface ArrivalSource {
  /** Unique among the sources; names the source's random stream. */
  readonly name: string;
  /** Invocations of each minute. */
  readonly counts: ArrayLike<number>;
}

export interface Arrival {
  readonly source: string;
  /** Since the start of the first minute, in compressed time. */
  readonly at: Seconds;
}

export interface ArrivalOptions {
  readonly generator: ArrivalGeneratorName;
  readonly random: Random;
  /** What a minute of the trace becomes: 60 s replays it as it was, 0.5 s 120 times as fast. */
  readonly minute: Seconds;
}

/** Latest share of a minute: sums with whole minutes, up to years of them, must not round up into the next minute. */
const LATEST = 1 - 2 ** -20;

/** The arrivals of all sources. Throws a RangeError where two sources share a name, or a minute has no length. */
export function* arrivalsOf(
  sources: readonly ArrivalSource[],
  options: ArrivalOptions,
): Generator<Arrival, void, undefined> {
  const { generator, random, minute } = options;
  if (!(minute > 0 && minute < Infinity)) throw new RangeError(`A minute cannot become ${minute} s`);
  if (new Set(sources.map((source) => source.name)).size < sources.length) {
    throw new RangeError("Two sources of arrivals have the same name, and would arrive in step");
  }
  const streams = sources.map(({ name, counts }) => ({
    name,
    counts,
    minute: arrivalGenerators[generator].start(random.split(name)),
  }));
  const length = Math.max(0, ...sources.map((source) => source.counts.length));
  for (let index = 0; index < length; index++) {
    const arrivals = streams.flatMap((stream) =>
      Array.from(stream.minute(stream.counts[index] ?? 0), (share) => ({
        source: stream.name,
        at: seconds((index + Math.min(share, LATEST)) * minute),
      })),
    );
    yield* arrivals.sort((a, b) => a.at - b.at);
  }
}
