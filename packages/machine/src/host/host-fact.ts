/** One thing that a host offers or lacks, for `frugal doctor`. */
export interface HostFact {
  /** A few words: `core clocks`. */
  readonly name: string;
  /** Whether Frugal can use it. */
  readonly available: boolean;
  /** What is there, or why it cannot be used. */
  readonly found: string;
  /** What Frugal does without it, one sentence. */
  readonly without: string;
  /** What to do to have it, where something can be done. */
  readonly remedy?: string;
}
