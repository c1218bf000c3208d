/**
 * A workflow, ready to be run: its definition, checked, and what its metadata asks of the platform.
 */
import type { BudgetMethodName, WorkflowDefinition } from "@frugal/control";
import type { FunctionName, WorkflowDeadline, WorkflowName } from "@frugal/core";

/** `document.metadata`, complete. */
export interface WorkflowSettings {
  /** Undefined where the workflow has none: its stages are not paced. */
  readonly deadline: WorkflowDeadline | undefined;
  /** Whether runs outlast the platform's process (I1). */
  readonly isDurable: boolean;
  /** How the deadline is divided among the stages; undefined where the pace policy chooses. */
  readonly budgets: BudgetMethodName | undefined;
}

export interface Workflow {
  readonly name: WorkflowName;
  readonly version: string;
  readonly title: string | undefined;
  readonly definition: WorkflowDefinition;
  readonly settings: WorkflowSettings;
  /** Functions of the platform that its tasks call. */
  readonly functions: readonly FunctionName[];
}
