/**
 * What the control plane asks of a model of functions: latency and power of one execution at every clock setting.
 *
 * Executions go by keys: a function's name, with the variant of its work where its owner says what makes one.
 */
import type {
  ClockGrid,
  ClockSetting,
  FunctionName,
  PayloadSize,
  Ratio,
  Seconds,
  StageKey,
  Watts,
} from "@frugal/core";

/** One execution as it was seen. */
export interface StageObservation {
  readonly key: StageKey;
  readonly payload: PayloadSize;
  /** At which the machine ran; undefined where that is not known. */
  readonly clocks: ClockSetting | undefined;
  /** From dispatch to outcome. */
  readonly latency: Seconds;
  /** Mean power of the execution, the machine's static power apart; undefined where nobody measured it. */
  readonly power: Watts | undefined;
  /** In the order of the model's counter set; NaN where one was not read. */
  readonly counters: Float64Array;
}

/** What there is to do, most often. */
export interface TypicalWork {
  readonly key: StageKey;
  readonly payload: PayloadSize;
}

export interface StageModel {
  readonly grid: ClockGrid;
  /** The key to go by for `key`: itself, or its function's name where too many variants of that are kept apart already. */
  keyFor(key: StageKey): StageKey;
  /**
   * Fills `latencies` (seconds) and `powers` (watts above the machine's static power) for every setting of the grid, by its
   * number (`gridSetting`). False where the key was never seen: then nothing was filled.
   */
  predict(key: StageKey, payload: PayloadSize, latencies: Float64Array, powers: Float64Array): boolean;
  /** The function's most frequent variant, with its median payload; undefined where it was never seen. */
  typical(fn: FunctionName): TypicalWork | undefined;
  /** Standard deviation of (measured / predicted latency) of the key's executions; undefined before a few were seen. */
  deviation(key: StageKey): Ratio | undefined;
  /** Learns from one execution. */
  observe(observation: StageObservation): void;
  /** Drops what is known of a function in all its variants: its code has changed, or it is gone. */
  forget(fn: FunctionName): void;
}
