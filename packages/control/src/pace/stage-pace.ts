/**
 * How a stage is paced: what was decided when it was dispatched.
 */
import type { ClockSetting, Joules, Seconds } from "@frugal/core";

export interface StagePace {
  /** The clocks that it asked for; undefined where it leaves them to others. Shared domains may run faster. */
  readonly clocks: Partial<ClockSetting>;
  /** What its processors were set to when it began: at least what it asked for. Undefined where nothing was set yet. */
  readonly inForce: ClockSetting | undefined;
  /** Its share of the deadline; undefined where nobody asked for one, or nothing is known yet. */
  readonly budget: Seconds | undefined;
  /** Time in hand when it was dispatched; negative: late. Undefined where no deadline counts. */
  readonly slack: Seconds | undefined;
  /** What it should take, the slack spent or made up for. */
  readonly target: Seconds | undefined;
  readonly expected: { readonly latency: Seconds; readonly energy: Joules | undefined } | undefined;
}
