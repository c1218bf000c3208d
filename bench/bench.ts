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
  readonly note: (line: string) => void;
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
