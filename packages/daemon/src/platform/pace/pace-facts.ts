/**
 * How an invocation was paced, and whether the clocks that it asked for were in force.
 */
import type { StagePace } from "@frugal/control";

/**
 * `set`: the hardware was told. `dry-run`: decided and noted, and nothing was changed. `held`: somebody drives the clocks from
 * outside. `failed`: the hardware refused. `left`: the policy left them to others.
 */
export type ClockState = "set" | "dry-run" | "held" | "failed" | "left";

export interface PaceFacts extends StagePace {
  readonly state: ClockState;
}
