/**
 * What the flow engine tells the shell to do. Commands are carried out in order. A `store` is durable before any later command
 * of a durable run is carried out (I1).
 */
import type { FunctionName, RunId, Seconds } from "@frugal/core";
import type { WorkflowFault } from "./fault.ts";
import type { Json } from "./json.ts";
import type {
  CloudEvent,
  HttpCall,
  LifecycleNote,
  StepNumber,
  StepRecord,
  WorkflowReference,
} from "./step.ts";

/** A step that the shell carries out, and answers with `step-finished`. */
interface Step {
  readonly run: RunId;
  readonly step: StepNumber;
  /** The task's JSON pointer in the definition, like `/do/1/resize`: the same in every iteration and attempt. */
  readonly task: string;
  /** The key of this execution of the task: its pointer with the numbers of visits, iterations and attempts. */
  readonly execution: string;
}

export type FlowCommand =
  | (Step & { readonly kind: "invoke"; readonly function: FunctionName; readonly payload: Json })
  | (Step & { readonly kind: "call-http"; readonly call: HttpCall })
  /** A run of another workflow, as a child of this one: cancelled with it. */
  | (Step & {
      readonly kind: "run-workflow";
      readonly workflow: WorkflowReference;
      readonly input: Json;
      /** False: finished as soon as it is started. */
      readonly wait: boolean;
    })
  /** What the step was for is over (a competing branch won, a timeout, the run was cancelled): its outcome is not wanted. */
  | { readonly kind: "withdraw"; readonly run: RunId; readonly step: StepNumber }
  | { readonly kind: "store"; readonly run: RunId; readonly record: StepRecord }
  /** An event that a run emits. Answered by `event-received` with the same event, once it is out. */
  | { readonly kind: "emit"; readonly run: RunId; readonly event: CloudEvent }
  /** A change in the life of a run or one of its tasks: history, and lifecycle events. */
  | { readonly kind: "note"; readonly run: RunId; readonly note: LifecycleNote }
  | { readonly kind: "end-run"; readonly run: RunId; readonly end: RunEnd }
  /** Replaces the earlier timer. Answered by `timer-fired`, not before `at`. */
  | { readonly kind: "set-timer"; readonly at: Seconds };

export type RunEnd =
  | { readonly kind: "completed"; readonly output: Json }
  | { readonly kind: "faulted"; readonly fault: WorkflowFault }
  | { readonly kind: "cancelled" };
