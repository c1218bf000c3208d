/**
 * Paths through a workflow's graph, from a first stage to a last one. Longest paths are found in one pass over the stages in
 * topological order; listing them is for people, and may be cut short.
 *
 * Latencies are of one execution; a stage takes them `repeats` times.
 */
import { type Seconds, seconds, type WorkflowGraph } from "@frugal/core";

export interface CriticalPath {
  readonly stages: readonly number[];
  readonly latency: Seconds;
}

export interface PathList {
  readonly paths: readonly (readonly number[])[];
  readonly isComplete: boolean;
}

export class Paths {
  readonly size: number;
  /** Executions of each stage in a run that comes by. */
  readonly repeats: Float64Array;
  readonly #before: readonly (readonly number[])[];
  readonly #after: readonly (readonly number[])[];
  readonly #starts: Float64Array;

  /** A RangeError where an edge does not lead from a stage to a later one. */
  constructor({ stages, edges }: WorkflowGraph) {
    this.size = stages.length;
    this.repeats = Float64Array.from(stages, ({ repeats }) => repeats);
    this.#starts = new Float64Array(stages.length);
    const before = stages.map((): number[] => []);
    const after = stages.map((): number[] => []);
    for (const [from, to] of edges) {
      const [followers, leaders] = [after[from], before[to]];
      if (followers === undefined || leaders === undefined || from >= to)
        throw new RangeError(
          `An edge from stage ${from} to ${to} of ${stages.length}: edges lead to later stages`,
        );
      if (!followers.includes(to)) followers.push(to);
      if (!leaders.includes(from)) leaders.push(from);
    }
    this.#before = before;
    this.#after = after;
  }

  /** Time of the longest path. */
  longest(latencies: ArrayLike<number>): Seconds {
    return this.starts(latencies, this.#starts);
  }

  /** Fills `into` with when each stage starts when it waits for all before it; the result is when the last ends. */
  starts(latencies: ArrayLike<number>, into: Float64Array): Seconds {
    let end = 0;
    for (let stage = 0; stage < this.size; stage++) {
      let start = 0;
      for (const from of this.#before[stage] ?? []) {
        const ready = (into[from] ?? 0) + this.#timeOf(from, latencies);
        if (ready > start) start = ready;
      }
      into[stage] = start;
      end = Math.max(end, start + this.#timeOf(stage, latencies));
    }
    return seconds(end);
  }

  /** Fills `into` with the time of the longest path from the start of each stage on. */
  tails(latencies: ArrayLike<number>, into: Float64Array): void {
    for (let stage = this.size - 1; stage >= 0; stage--) {
      let longest = 0;
      for (const to of this.#after[stage] ?? []) longest = Math.max(longest, into[to] ?? 0);
      into[stage] = longest + this.#timeOf(stage, latencies);
    }
  }

  /** The longest path; of equal ones the one by the earliest stages. */
  critical(latencies: ArrayLike<number>): CriticalPath {
    const tails = new Float64Array(this.size);
    this.tails(latencies, tails);
    const stages: number[] = [];
    let next = this.#before.flatMap((before, stage) => (before.length === 0 ? [stage] : []));
    while (next.length > 0) {
      const longest = next.reduce((best, stage) => ((tails[stage] ?? 0) > (tails[best] ?? 0) ? stage : best));
      stages.push(longest);
      next = [...(this.#after[longest] ?? [])];
    }
    return { stages, latency: this.longest(latencies) };
  }

  /** At most `limit` paths, those by the earliest stages first. */
  list(limit: number): PathList {
    const paths: number[][] = [];
    const open = this.#before.flatMap((before, stage) => (before.length === 0 ? [[stage]] : [])).reverse();
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      if (paths.length >= limit) return { paths, isComplete: false };
      const followers = this.#after[path.at(-1) ?? 0] ?? [];
      if (followers.length === 0) paths.push(path);
      for (const to of followers.toReversed()) open.push([...path, to]);
    }
    return { paths, isComplete: true };
  }

  #timeOf(stage: number, latencies: ArrayLike<number>): number {
    return (this.repeats[stage] ?? 0) * (latencies[stage] ?? 0);
  }
}

/** By how much each stage could take longer, all its executions together, and all paths still fit the deadline. */
export function slackOfStages(paths: Paths, latencies: ArrayLike<number>, deadline: Seconds): Seconds[] {
  const starts = new Float64Array(paths.size);
  const tails = new Float64Array(paths.size);
  paths.starts(latencies, starts);
  paths.tails(latencies, tails);
  return Array.from(starts, (start, stage) => seconds(deadline - start - (tails[stage] ?? 0)));
}
