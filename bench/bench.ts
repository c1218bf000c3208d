/**
 * A bench: one question, measured. `frugal bench NAME` runs it in a process of its own.
 */
export interface Bench {
  /** The question that it answers, one line. */
  readonly question: string;
  /** Measures; `note` tells people what is going on. The answer's document is what --json prints. */
  run(options: BenchOptions): Promise<BenchAnswer>;
}

export interface BenchOptions {
  /** Length of one measurement. */
  readonly seconds: number;
  /** Measurements of each kind, interleaved; the median counts. */
  readonly rounds: number;
  /** What of it to measure, where a bench lets one choose. */
  readonly choice: BenchChoice;
  readonly note: (line: string) => void;
}

/** Lists are comma-separated; undefined is the bench's usual. */
export interface BenchChoice {
  readonly isQuick: boolean;
  readonly runs: number | undefined;
  readonly functions: string | undefined;
  readonly caches: string | undefined;
  readonly kinds: string | undefined;
}

interface BenchAnswer {
  readonly document: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** The middle value; the lower of the two middle ones where there are two. Of an empty list, 0. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
