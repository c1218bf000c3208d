/**
 * Routines: tasks as generators, each a thread of its own that pauses at what it waits for.
 */

/** Something that a routine waits for. Whoever yields it reads the outcome from it afterwards. */
export interface Wait {
  /** Starts waiting; `wake` is called once, when it is over. */
  begin(wake: () => void): void;
  /** Nobody waits any more: `wake` must not be called. */
  abandon(): void;
}

export type Routine<T> = Generator<Wait, T, void>;
