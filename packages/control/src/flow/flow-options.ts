/**
 * What the flow engine is made with: its ports, and the limits that keep one run from starving the others.
 */
import { milliseconds, type Random, type Seconds } from "@frugal/core";
import type { DataBounds } from "./data/data-bounds.ts";
import type { Expressions } from "./expressions.ts";
import type { Schemas } from "./schemas.ts";

export interface FlowOptions {
  readonly expressions: Expressions;
  /** For the jitter of retries. */
  readonly random: Random;
  /** Who runs the workflows, as `$runtime` tells. */
  readonly runtime: { readonly name: string; readonly version: string };
  /** Seconds since 1970 at the monotonic time `now`: runs live longer than the process whose clock is monotonic. */
  readonly wallTime: (now: Seconds) => Seconds;
  /** Undefined: data is not validated. */
  readonly schemas?: Schemas | undefined;
  readonly limits?: Partial<FlowLimits> | undefined;
  /** The time as a turn goes on, in live shells: a turn that takes long ends with the next task. Undefined: tasks are counted. */
  readonly timeInTurn?: (() => Seconds) | undefined;
}

export interface FlowLimits extends DataBounds {
  /** Executions of tasks in one run; more are a fault: the run goes round in circles. */
  readonly tasks: number;
  /** Executions of tasks before a run lets others go first. */
  readonly tasksPerTurn: number;
  /** Time that a turn may take before runs let others go first, where the time is told. */
  readonly turn: Seconds;
  /** Tasks within tasks. */
  readonly depth: number;
}

export const usualFlowLimits: FlowLimits = {
  tasks: 100_000,
  tasksPerTurn: 1000,
  turn: milliseconds(20),
  depth: 64,
  dataSize: 16 * 2 ** 20,
  dataDepth: 256,
};
