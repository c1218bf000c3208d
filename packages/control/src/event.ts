/**
 * What the shell (daemon or simulator) tells the control plane: things that have happened.
 */
import type {
  Bytes,
  ErrorReport,
  FunctionDemand,
  FunctionName,
  InstanceNumber,
  InvocationNumber,
  MachineName,
  PayloadSize,
  Ratio,
  RunId,
  Seconds,
  StageCall,
  StartKind,
  StartOffer,
  StartWish,
  Watts,
  WorkflowDeadline,
  WorkflowGraph,
  WorkflowName,
} from "@frugal/core";
import type { BudgetMethodName } from "./pace/budget/index.ts";
import type { MachineCapacity } from "./route/machine.ts";

export type Event =
  /** A machine can take instances from now on. */
  | { readonly kind: "machine-joined"; readonly machine: MachineCapacity }
  /** A function is new, or a revision replaces its earlier one. */
  | { readonly kind: "function-deployed"; readonly demand: FunctionDemand }
  /** A function takes no more invocations; those that run finish. */
  | { readonly kind: "function-removed"; readonly function: FunctionName }
  | {
      readonly kind: "invocation-arrived";
      readonly invocation: InvocationNumber;
      readonly function: FunctionName;
      /** Of an experiment: it executes on an instance started this way for it alone. */
      readonly wish?: StartWish;
      /** How much there is to do. Counted as zero where nobody says. */
      readonly payload?: PayloadSize;
      /** Of the work, where other hyperparameters make other work of the same size. */
      readonly variant?: string;
      /** Where it is a stage of a workflow's run. */
      readonly stage?: StageCall;
    }
  /** The caller of a waiting invocation went away. */
  | {
      readonly kind: "invocation-withdrawn";
      readonly invocation: InvocationNumber;
      readonly function: FunctionName;
    }
  /** A dispatched invocation has its outcome, whatever it is. A `isInstanceLost` one took its instance with it: no more work goes there. */
  | {
      readonly kind: "invocation-finished";
      readonly invocation: InvocationNumber;
      readonly instance: InstanceNumber;
      readonly isInstanceLost: boolean;
      /** The function answered with an error, or not at all: nothing that a template could be warmed up with. */
      readonly isFailure?: boolean;
      /** What was measured of it; undefined where nothing was, or where it says nothing of the next (a failure, say). */
      readonly measured?: MeasuredWork;
    }
  | {
      readonly kind: "instance-ready";
      readonly instance: InstanceNumber;
      /** How it started in the end. */
      readonly start: StartKind;
      /** Processor time of the start, and memory that the instance holds after it; undefined where nobody measured it. */
      readonly cpu: Seconds | undefined;
      readonly memory: Bytes | undefined;
    }
  /** Replaces what was known of the starts that the function can have on this machine: snapshots came or went. `boot` is always to be had. */
  | {
      readonly kind: "starts-known";
      readonly function: FunctionName;
      readonly revision: number;
      readonly machine: MachineName;
      readonly offers: readonly StartOffer[];
    }
  /** Somebody wants a snapshot of the function now, whatever became of earlier templates. */
  | { readonly kind: "snapshot-wished"; readonly function: FunctionName }
  /** No process of the instance is left. `failure` says why, unless it was told to stop. */
  | {
      readonly kind: "instance-ended";
      readonly instance: InstanceNumber;
      readonly failure: ErrorReport | undefined;
    }
  /** A workflow is new, or replaces its earlier version; runs that are under way keep theirs. */
  | {
      readonly kind: "workflow-deployed";
      readonly workflow: WorkflowName;
      readonly graph: WorkflowGraph;
      /** Undefined: nobody asked for one; its stages are not paced. */
      readonly deadline: WorkflowDeadline | undefined;
      /** How the deadline is divided; undefined: as the pace policy does. */
      readonly budgets: BudgetMethodName | undefined;
    }
  /** No run of it begins any more. */
  | { readonly kind: "workflow-removed"; readonly workflow: WorkflowName }
  /** A run begins. `elapsed`: what has passed of its time already, where it is taken up again. */
  | {
      readonly kind: "run-started";
      readonly run: RunId;
      readonly workflow: WorkflowName;
      readonly elapsed: Seconds;
    }
  | { readonly kind: "run-ended"; readonly run: RunId }
  /** Answers `sample-load`: the busy share of each core clock domain's busiest processor, in the order of the machine's domains. */
  | { readonly kind: "load-sampled"; readonly machine: MachineName; readonly loads: readonly Ratio[] }
  /** The time of the latest `set-timer` has come. */
  | { readonly kind: "timer-fired" };

/** What an execution took, as far as the host can tell. */
export interface MeasuredWork {
  /** Mean power of the execution, the machine's static power apart. */
  readonly power: Watts | undefined;
  /** In the order of the model's counter set; NaN where one was not read. */
  readonly counters: Float64Array;
}
