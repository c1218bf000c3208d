import type { RestoreFigures } from "../platform/snapshot-source.ts";
import type { Cache, StartKind } from "../start-plan.ts";

/** One start whose answer was right. */
export interface StartSample {
  readonly function: string;
  readonly cache: Cache;
  readonly kind: StartKind;
  /** From the request to the first correct answer. */
  readonly ms: number;
  readonly phases: Readonly<Record<string, number>>;
  /** Undefined for boots, and where the platform tells nothing. */
  readonly restore: RestoreFigures | undefined;
  readonly workingSetBytes: number | undefined;
  /** Of the function's own files, when it was dropped from the page cache: what stayed. */
  readonly residentBytes: number | undefined;
}

/** A start of a kind that a function does not get, and why. */
export interface LeftOut {
  readonly function: string;
  readonly kind: StartKind;
  readonly reason: string;
}
