/**
 * Workflows as the control plane speaks of them.
 */
import type { FunctionName, RunId } from "./ids.ts";
import type { Ratio, Seconds } from "./units.ts";

/**
 * What of a workflow matters for its deadline: its stages, and which follows on which. Stages are in topological order: an edge
 * leads from a lower index to a higher one. Ways around (a switch that skips, a loop) are edges or repetitions.
 */
export interface WorkflowGraph {
  readonly stages: readonly StageNode[];
  /** Indexes of stages. A stage without one that leads to it is a first one; without one that leads on, a last one. */
  readonly edges: readonly (readonly [from: number, to: number])[];
}

/** A task that takes time: an invocation of a function of ours, or something else whose time is only observed. */
export interface StageNode {
  /** The task's JSON pointer in the definition, like `/do/1/resize`. Unique in the graph. */
  readonly name: string;
  /** Undefined for what is no function of ours: an HTTP call, a wait, another workflow. */
  readonly function: FunctionName | undefined;
  /** Of what is no function of ours: how long it takes, as far as known. */
  readonly latency: Seconds | undefined;
  /** How often it is executed in a run that comes by, for the deadline: 1, or a loop's count. */
  readonly repeats: number;
  /** How often a run executes it on average, for the energy: its branch's probability times its loops' mean counts. */
  readonly visits: number;
}

/** What users ask of a workflow's latency. */
export interface WorkflowDeadline {
  readonly deadline: Seconds;
  /** The share of runs that must be in time. */
  readonly quantile: Ratio;
}

/** An invocation's place in a workflow's run. */
export interface StageCall {
  readonly run: RunId;
  /** Index in the workflow's graph. */
  readonly stage: number;
}
