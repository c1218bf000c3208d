import type { RunBeginning, RunEnding, StageEntry } from "../store/run.ts";

/** Is told of what happened, after it was noted. */
export interface RunObserver {
  stageEnded(run: RunBeginning, entry: StageEntry): void;
  runEnded(run: RunBeginning, ending: RunEnding): void;
  /** The sink did not take an event. */
  eventDropped(): void;
}
