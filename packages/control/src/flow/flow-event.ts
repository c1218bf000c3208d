/**
 * What the shell tells the flow engine: things that have happened to runs of workflows.
 */
import type { RunId } from "@frugal/core";
import type { Json } from "./json.ts";
import type { CloudEvent, StepNumber, StepRecord } from "./step.ts";
import type { WorkflowDefinition } from "./definition.ts";
import type { WorkflowFault } from "./fault.ts";

export type FlowEvent =
  /**
   * A run begins, or is taken up again: then `records` are those that were stored, in order, and nothing that they tell of is
   * done a second time.
   */
  | {
      readonly kind: "run-started";
      readonly run: RunId;
      readonly definition: WorkflowDefinition;
      readonly input: Json;
      readonly startedAt: string;
      readonly records: readonly StepRecord[];
    }
  /** A step that a command asked for has its outcome. One that was withdrawn meanwhile is ignored. */
  | {
      readonly kind: "step-finished";
      readonly run: RunId;
      readonly step: StepNumber;
      readonly outcome: StepOutcome;
    }
  /** Somebody wants the run to end now. */
  | { readonly kind: "run-cancelled"; readonly run: RunId }
  /** The shell cannot carry the run on: it ends now, faulted, whatever its tasks would catch. */
  | { readonly kind: "run-failed"; readonly run: RunId; readonly fault: WorkflowFault }
  /** An event for whoever listens: sent in from outside, or emitted by a run (the shell sends emitted ones back in). */
  | { readonly kind: "event-received"; readonly event: CloudEvent }
  | { readonly kind: "timer-fired" };

export type StepOutcome =
  | { readonly kind: "success"; readonly output: Json }
  | { readonly kind: "fault"; readonly fault: WorkflowFault };
