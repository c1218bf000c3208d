/**
 * What the shell (daemon or simulator) tells the control plane: things that have happened.
 */
import type {
  ErrorReport,
  FunctionDemand,
  FunctionName,
  InstanceNumber,
  InvocationNumber,
} from "@frugal/core";
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
    }
  | { readonly kind: "instance-ready"; readonly instance: InstanceNumber }
  /** No process of the instance is left. `failure` says why, unless it was told to stop. */
  | {
      readonly kind: "instance-ended";
      readonly instance: InstanceNumber;
      readonly failure: ErrorReport | undefined;
    }
  /** The time of the latest `set-timer` has come. */
  | { readonly kind: "timer-fired" };
