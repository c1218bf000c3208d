/**
 * Runs of workflows, as the store keeps them and the API shows them.
 */
import type { Json, WorkflowFault } from "@frugal/control";
import type { EnergyReading, Hertz, RunId, Seconds, StartKind, WorkflowName } from "@frugal/core";

export const runStatuses = ["running", "completed", "faulted", "cancelled"] as const;
export type RunStatus = (typeof runStatuses)[number];

/** The step of another run that started this one. */
export interface RunParent {
  readonly run: RunId;
  /** Which execution of which task: the same when the parent is taken up again. */
  readonly execution: string;
  /** Whether the parent waits for it: then they end together. */
  readonly isAwaited: boolean;
}

export interface RunBeginning {
  readonly id: RunId;
  readonly workflow: WorkflowName;
  /** Number of the definition that it runs by, which outlasts the workflow's next version. */
  readonly definition: number;
  readonly version: string;
  readonly isDurable: boolean;
  readonly parent: RunParent | undefined;
  readonly deadline: Seconds | undefined;
  /** Seconds since 1970. */
  readonly startedAt: Seconds;
  readonly input: Json;
}

/** How a run ended. */
export interface RunEnding {
  readonly status: Exclude<RunStatus, "running">;
  readonly endedAt: Seconds;
  /** Only of a completed run. */
  readonly output: Json | undefined;
  /** Only of a faulted run. */
  readonly fault: WorkflowFault | undefined;
  /** Of its stages together. */
  readonly energy: EnergyReading;
}

export interface Run extends RunBeginning {
  readonly ending: RunEnding | undefined;
}

/** A run without what may be large, for lists. */
export interface RunSummary extends Omit<RunBeginning, "input"> {
  readonly ending: Omit<RunEnding, "output"> | undefined;
}

/** Whether what its pace asked for was in force; `unpaced`: nothing was asked for. */
export type StageClocks = "set" | "dry-run" | "unavailable" | "unpaced";

/** One execution of a task that left the workflow: a call of a function or an address, or another run. */
export interface StageEntry {
  readonly task: string;
  readonly name: string;
  readonly kind: "invoke" | "call-http" | "run-workflow";
  /** What was called: a function's name, a URL without its query, a workflow's name. */
  readonly target: string;
  readonly execution: string;
  /** Seconds since 1970. */
  readonly startedAt: Seconds;
  /** From the start of the step to its end. */
  readonly latency: Seconds;
  /** From arrival to dispatch. */
  readonly wait: Seconds | undefined;
  readonly duration: Seconds | undefined;
  readonly budget: Seconds | undefined;
  readonly slack: Seconds | undefined;
  readonly core: Hertz | undefined;
  readonly uncore: Hertz | undefined;
  readonly clocks: StageClocks;
  readonly energy: EnergyReading;
  readonly startKind: StartKind | "warm" | undefined;
  readonly fault: WorkflowFault | undefined;
}
